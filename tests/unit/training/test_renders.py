"""Where two renders of a conversation part."""

import pytest

from training.renders import TokenDifference, Tokens, difference


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((1, 2, 3), (1, 2, 3), None),
        ((), (), None),
        ((1, 2, 3), (1, 9, 3), 1),
        ((1, 2), (1, 2, 3), 2),
        ((1, 2, 3), (1, 2), 2),
        ((), (1,), 0),
    ],
)
def test_the_first_difference_of_two_renders(
    one: tuple[int, ...], other: tuple[int, ...], expected: int | None
) -> None:
    assert difference(one, other) == expected
    assert difference(other, one) == expected


@pytest.mark.parametrize(
    ("prompt", "whole", "start"),
    [((1, 2, 3), (1, 2, 3, 4, 5), 3), ((1, 2, 9), (1, 2, 3, 4), 2)],
)
def test_a_reply_begins_where_the_prompt_no_longer_foretells_it(
    prompt: tuple[int, ...], whole: tuple[int, ...], start: int
) -> None:
    assert Tokens(prompt=prompt, whole=whole).start == start


def test_a_difference_is_told_with_its_token_and_its_context() -> None:
    found = TokenDifference(
        conversation="g1", arm="rag-3", position=7, trained="<|im_end|>", served="", before="You add."
    )
    assert str(found) == (
        "in conversation g1 (rag-3), after 'You add.', token 7 is '<|im_end|>' as trained "
        "and its end as served"
    )
