"""Which attempts become examples."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Inputs, Task
from training.data.attempts import Attempt
from training.data.selection import Quota, as_example, next_attempts, select, without_repeats


def words(inputs: Inputs) -> tuple[str, ...]:
    return (str(inputs["a"]),)


def attempt(number: int, *, asks: int | None = None, critic: int | None = 5, check: str = "") -> Attempt:
    inputs = {"a": number if asks is None else asks, "b": 100}
    return Attempt(
        number=number,
        made_on="2026-11-25",
        inputs=inputs,
        output="1",
        critic=critic,
        check=check,
        reason=check,
    )


def outcomes(drawn: list[tuple[int, int, bool]]) -> list[Attempt]:
    return [
        attempt(number, asks=asks, critic=critic, check="" if passed else "schema")
        for number, (asks, critic, passed) in enumerate(drawn)
    ]


anything = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10), st.booleans()), max_size=80).map(
    outcomes
)
quotas = st.builds(
    Quota,
    count=st.integers(1, 12),
    keep_share=st.sampled_from([0.1, 0.3, 0.5, 0.7, 1.0]),
    limit=st.integers(0, 200),
    may_despair=st.booleans(),
)


@pytest.mark.parametrize(
    ("count", "share", "candidates"), [(3, 0.3, 10), (50, 0.5, 100), (1, 1.0, 1), (7, 0.1, 70), (1, 0.7, 2)]
)
def test_enough_must_pass_for_the_best_share_to_be_what_is_wanted(
    count: int, share: float, candidates: int
) -> None:
    assert Quota(count=count, keep_share=share, limit=0).candidates == candidates


def test_the_best_by_the_critic_are_kept_and_the_others_told_why_not() -> None:
    made = [attempt(number, critic=critic) for number, critic in enumerate([3, 9, 5, 10])]
    chosen = select(made, Quota(count=2, keep_share=0.5, limit=9), seed=0)
    assert [each.number for each in chosen.kept] == [1, 3]
    assert [(each.number, each.check) for each in chosen.rejected] == [(0, "critic"), (2, "critic")]
    assert chosen.rejected[0].reason.startswith("3 of 10: ")
    assert chosen.rejected[0].reason.endswith("others with 9 or more were kept in its place")


def test_between_equals_the_tasks_own_score_decides() -> None:
    made = [replace(attempt(number), score=score) for number, score in enumerate([0.91, 1.0, 0.95])]
    kept = select(made, Quota(count=1, keep_share=0.34, limit=9), seed=0).kept
    assert [each.number for each in kept] == [1]


def test_the_first_to_ask_a_question_is_the_one_that_counts() -> None:
    made = [attempt(2, asks=1), attempt(0, asks=1, check="schema"), attempt(1, asks=1)]
    assert [(each.number, each.check) for each in without_repeats(made, words)] == [
        (0, "schema"),
        (1, ""),
        (2, "repeat"),
    ]


@given(anything, quotas, st.integers(0, 9), st.randoms(use_true_random=False))
def test_what_is_chosen_hangs_on_what_was_said_and_not_on_when(
    made: list[Attempt], quota: Quota, seed: int, chance: Random
) -> None:
    mixed = list(made)
    chance.shuffle(mixed)
    judged = without_repeats(made, words)
    assert without_repeats(mixed, words) == judged
    chosen = select(judged, quota, seed=seed)
    longer = without_repeats([*made, attempt(len(made), critic=10)], words)
    if chosen.kept:
        assert len(chosen.kept) == quota.count
        assert chosen.passed == quota.candidates
        assert select(longer, quota, seed=seed) == chosen
        seen = {each.number for each in (*chosen.kept, *chosen.rejected)}
        assert seen == set(range(max(seen) + 1))
    else:
        assert chosen.passed < quota.candidates
        assert len(chosen.rejected) == sum(bool(each.check) for each in judged)
    assert all(each.check and each.reason for each in chosen.rejected)
    asked = [words(each.inputs or {}) for each in chosen.kept]
    assert len(set(asked)) == len(asked)


@given(anything, quotas)
def test_attempts_go_on_until_enough_passed_or_the_limit_is_reached(
    made: list[Attempt], quota: Quota
) -> None:
    judged = without_repeats(made, words)
    numbers = next_attempts(judged, quota)
    passed = sum(not each.check for each in judged)
    assert numbers.stop <= max(quota.limit, len(judged))
    if numbers:
        assert numbers.start == len(judged)
        assert passed < quota.candidates
        assert len(numbers) >= min(quota.candidates - passed, 20, quota.limit - len(judged))
    elif passed < quota.candidates and len(judged) < quota.limit:
        assert quota.may_despair
        assert passed == 0
        assert len(judged) >= 80


def test_an_example_says_where_it_came_from(a_task: Callable[..., Task]) -> None:
    made = replace(attempt(5), document="d1", persona=2)
    example = as_example(made, a_task(), teacher="big")
    assert example.inputs == {"a": 5, "b": 100}
    assert [turn.content for turn in example.messages] == ["You add.", "What is 5 + 100?", "1"]
    assert (example.source, example.made_on) == ("big", "2026-11-25")
    assert example.tags == ("document:d1", "persona:2")
    assert as_example(replace(made, number=9), a_task(), teacher="big").id == example.id
