"""A finding names how many, and where to look first."""

from collections.abc import Callable

import pytest

from training.data.audit.finding import Severity, concerning, percent
from training.example import Example


def test_a_finding_points_at_the_first_it_concerns(an_example: Callable[..., Example]) -> None:
    whole = [an_example(f"question\n{n}") for n in range(10)]
    found = concerning("schema", Severity.ERROR, "so", whole=whole, of=whole[3:])
    assert (found.count, found.share, found.first, found.sample) == (7, 0.7, 4, "question 3")
    assert found.example_ids == ("e4", "e5", "e6", "e7", "e8")


def test_a_finding_that_concerns_none_points_nowhere(an_example: Callable[..., Example]) -> None:
    found = concerning("schema", Severity.NOTE, "so", whole=[an_example()], of=[])
    assert (found.count, found.share, found.first, found.sample) == (0, 0.0, None, "")


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0 %"),
        (0.0004, "less than 0.1 %"),
        (0.0734, "7.3 %"),
        (0.15, "15 %"),
        (0.9999, "more than 99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_no_share_is_rounded_to_none_or_all(share: float, shown: str) -> None:
    assert percent(share) == shown
