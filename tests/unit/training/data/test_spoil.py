"""Data is made worse by exchange and by repetition, and by nothing else."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.prompt import Message, Role
from harness.errors import InvalidDataset
from training.data.spoil import SPOILT, repeat, spoil
from training.example import Example


def examples(count: int) -> tuple[Example, ...]:
    return tuple(
        Example(
            id=f"e{number}",
            messages=(
                Message(role=Role.USER, content=f"q{number}"),
                Message(role=Role.ASSISTANT, content=f"a{number}"),
            ),
        )
        for number in range(count)
    )


COUNTS = st.integers(min_value=4, max_value=60)
SHARES = st.floats(min_value=0.5, max_value=0.99)


@given(count=COUNTS, share=SHARES, seed=st.integers(min_value=0, max_value=9))
def test_a_share_of_the_replies_changes_hands_and_none_is_lost(count: int, share: float, seed: int) -> None:
    before = examples(count)
    after = spoil(before, share=share, seed=seed)
    assert [each.question for each in after] == [each.question for each in before]
    assert Counter(each.completion for each in after) == Counter(each.completion for each in before)
    changed = {each.id for each, old in zip(after, before, strict=True) if each.completion != old.completion}
    assert len(changed) == round(share * count)
    assert changed == {each.id for each in after if SPOILT in each.tags}


def test_a_larger_share_spoils_the_same_and_more() -> None:
    some, more = (
        {each.id for each in spoil(examples(40), share=share, seed=1) if SPOILT in each.tags}
        for share in (0.2, 0.5)
    )
    assert some < more
    assert spoil(examples(40), share=0.5, seed=1) == spoil(examples(40), share=0.5, seed=1)
    assert spoil(examples(40), share=0.5, seed=1) != spoil(examples(40), share=0.5, seed=2)


def test_one_reply_has_nobody_to_change_with() -> None:
    with pytest.raises(InvalidDataset, match=r"a share of 0\.1 spoils 1 of 10 examples"):
        spoil(examples(10), share=0.1, seed=1)


@given(count=COUNTS, times=st.integers(min_value=2, max_value=5))
def test_copies_have_ids_of_their_own_and_the_same_words(count: int, times: int) -> None:
    found = repeat(examples(count), times=times)
    assert len({each.id for each in found}) == count * times
    assert set(Counter(each.question for each in found).values()) == {times}
    assert found[:count] == examples(count)
