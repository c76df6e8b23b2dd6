"""Intervals of bounded means: Student's where there is a spread, exact where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InvalidComparison
from harness.stats.bounded_mean import bounded_mean_interval
from harness.stats.paired_scores import cluster_t_interval
from harness.stats.proportion import clopper_pearson


def test_equal_numbers_have_an_interval_of_what_so_many_sources_can_hide() -> None:
    clusters = [str(number) for number in range(20)]
    low, high = bounded_mean_interval([0.0] * 20, clusters, alpha=0.025, lowest=0.0)
    assert (low, high) == (0.0, clopper_pearson(0, 20, alpha=0.025)[1])
    low, high = bounded_mean_interval([0.0] * 20, clusters, alpha=0.025, lowest=-1.0)
    assert low == pytest.approx(-high)
    low, high = bounded_mean_interval([1.0] * 20, clusters, alpha=0.025, lowest=0.0)
    assert (low, high) == (pytest.approx(1 - clopper_pearson(0, 20, alpha=0.025)[1]), 1.0)


def test_items_of_a_source_count_as_one() -> None:
    alone = bounded_mean_interval([0.0] * 20, list(range(20)), alpha=0.025, lowest=0.0)
    shared = bounded_mean_interval([0.0] * 20, [n // 4 for n in range(20)], alpha=0.025, lowest=0.0)
    assert shared[1] > alone[1]
    with pytest.raises(InvalidComparison, match="belong to cluster"):
        bounded_mean_interval([0.0] * 20, ["one"] * 20, alpha=0.025, lowest=0.0)


def test_numbers_that_vary_have_the_cluster_robust_interval_cut_at_the_bounds() -> None:
    numbers, clusters = [0.0, 0.25, 0.5, 1.0, 0.75], list(range(5))
    expected = cluster_t_interval(numbers, clusters, alpha=0.025)
    found = bounded_mean_interval(numbers, clusters, alpha=0.025, lowest=0.0)
    assert found == (max(expected[0], 0.0), min(expected[1], 1.0))


@given(
    numbers=st.lists(st.floats(min_value=0, max_value=1), min_size=2, max_size=30),
    alpha=st.floats(min_value=0.001, max_value=0.1),
)
def test_a_mean_lies_in_its_interval_which_lies_in_the_range_and_grows_as_alpha_falls(
    numbers: list[float], alpha: float
) -> None:
    clusters = list(range(len(numbers)))
    low, high = bounded_mean_interval(numbers, clusters, alpha=alpha, lowest=0.0)
    mean = sum(numbers) / len(numbers)
    assert 0.0 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1.0
    wide = bounded_mean_interval(numbers, clusters, alpha=alpha / 10, lowest=0.0)
    assert wide[0] <= low + 1e-9
    assert wide[1] >= high - 1e-9
