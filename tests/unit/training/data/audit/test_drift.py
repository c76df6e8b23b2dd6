"""A teacher whose style changes is noticed from one week to the next."""

from collections.abc import Callable

import pytest

from training.data.audit.drift import drift
from training.data.audit.finding import Severity
from training.example import Example

Build = Callable[..., Example]


def _batch(build: Build, count: int, *, words: int, **fields: object) -> list[Example]:
    """Replies of about so many words, each of another length."""
    return [
        build(reply=" ".join(f"word{n * 50 + each}" for each in range(words + n % 5)), **fields)
        for n in range(count)
    ]


def test_a_week_unlike_those_before_is_a_warning(an_example: Build) -> None:
    examples = [
        *_batch(an_example, 30, words=10, source="t", made_on="2026-10-05"),
        *_batch(an_example, 30, words=10, source="t", made_on="2026-10-12"),
        *_batch(an_example, 30, words=40, source="t", made_on="2026-10-19"),
    ]
    (found,) = drift(examples)
    assert (found.severity, found.count, found.first) == (Severity.WARNING, 30, 61)
    assert found.said.startswith(
        "week 2026-W43 of t: words a reply 42 against 12 before, more than 10 standard"
    )


def test_a_source_unlike_the_largest_is_noted(an_example: Build) -> None:
    examples = [
        *_batch(an_example, 40, words=10, source="a"),
        *_batch(an_example, 30, words=14, source="b"),
        *_batch(an_example, 30, words=10, source="c"),
    ]
    (found,) = drift(examples)
    assert found.severity is Severity.NOTE
    assert found.said.startswith("source b: words a reply 16 against 12 in a, 2.8 standard deviations apart")


@pytest.mark.parametrize("count", [0, 1, 19])
def test_few_examples_tell_of_no_drift(count: int, an_example: Build) -> None:
    late = _batch(an_example, count, words=40, made_on="2026-10-19")
    assert list(drift([*_batch(an_example, 30, words=10, made_on="2026-10-05"), *late])) == []


def test_the_same_style_every_week_is_no_drift(an_example: Build) -> None:
    weeks = [_batch(an_example, 30, words=10, made_on=f"2026-10-{day:02}") for day in (1, 8, 15, 22)]
    assert list(drift([each for week in weeks for each in week])) == []


def test_no_examples_drift_nowhere() -> None:
    assert list(drift([])) == []
