import math

import pytest

from harness.domain.score import Score
from harness.errors import InvalidComparison

OUTSIDE = [math.nan, math.inf, -math.inf, -0.001, 1.001]


@pytest.mark.parametrize("value", OUTSIDE)
def test_a_score_outside_zero_to_one_is_refused(value: float) -> None:
    with pytest.raises(InvalidComparison, match=r"^score is .*; scores lie in \[0, 1\]: fix the scorer$"):
        Score(value=value)


@pytest.mark.parametrize("value", OUTSIDE)
def test_a_part_outside_zero_to_one_is_refused_by_name(value: float) -> None:
    with pytest.raises(InvalidComparison, match=r"^form is "):
        Score(value=0.5, parts={"number": 1.0, "form": value})


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_the_ends_of_the_scale_are_scores(value: float) -> None:
    assert Score(value=value, parts={"form": value}).value == value


def test_a_part_without_a_name_is_refused_since_that_is_the_score_itself() -> None:
    with pytest.raises(InvalidComparison, match="no name"):
        Score(value=0.5, parts={"": 0.5})
