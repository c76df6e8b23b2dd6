"""Replies that say they do not know."""

import pytest

from training.refusals import is_refusal


@pytest.mark.parametrize(
    "reply",
    [
        "I don't know.",
        "I don\u2019t know the answer.",
        "I do not have enough information to say.",
        "The documents do not mention a price.",
        "The text doesn't say.",
        "I'm not sure about that.",
        "Sorry, I cannot find that in the documents.",
        "There is no information on that in the sources.",
    ],
)
def test_who_does_not_know_is_recognised(reply: str) -> None:
    assert is_refusal(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "It is 4.",
        '{"category":"refund"}',
        "You know what I like.",
        "If you do not know your password, reset it.",
        "A fair reply. " * 30 + "I don't know.",
    ],
)
def test_other_replies_are_no_refusals(reply: str) -> None:
    assert not is_refusal(reply)
