import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.errors import InvalidComparison
from harness.stats.joint_means import JointMeans, joint_means
from harness.stats.with_best import critical_with_best

_TRIALS = 150


def measured(cells: int, *, items: int = 200, seed: int = 3) -> JointMeans:
    table = np.random.default_rng(seed).random((items, cells))
    return joint_means(table.tolist(), list(range(items)))


def test_two_cells_of_two_kinds_are_the_two_sides_of_one_test() -> None:
    found = critical_with_best(measured(2), [[0], [1]], alpha=0.05, seed=1)
    assert found == pytest.approx(stats.t(199).ppf(0.975), rel=0.02)


def test_one_kind_costs_what_dunnetts_one_sided_comparisons_with_a_control_do() -> None:
    table = np.random.default_rng(7).standard_normal((4000, 4)) / 10 + 0.5
    means = joint_means(np.clip(table, 0, 1).tolist(), list(range(4000)))
    # Three comparisons with a control, correlated by one half, many degrees of freedom.
    dunnett = 2.06
    assert critical_with_best(means, [[0, 1, 2, 3]], alpha=0.05, seed=1) == pytest.approx(dunnett, abs=0.05)


@given(st.integers(2, 6), st.integers(0, 100))
@settings(max_examples=15)
def test_it_costs_less_than_all_comparisons_and_more_than_one(cells: int, seed: int) -> None:
    means, kinds = measured(cells, items=60, seed=seed), [[0], list(range(1, cells))]
    found = critical_with_best(means, kinds, alpha=0.05, seed=seed)
    student = stats.t(59)
    assert student.ppf(0.95) < found < 1.1 * student.ppf(1 - 0.05 / (cells * (cells - 1)))


def test_a_kind_without_a_cell_counts_for_nothing() -> None:
    means = measured(3)
    one = critical_with_best(means, [[0, 1, 2]], alpha=0.05, seed=1)
    assert one == critical_with_best(means, [[0, 1, 2], []], alpha=0.05, seed=1)


def test_no_cell_seems_too_far_ahead_of_the_best_of_either_kind() -> None:
    random = np.random.default_rng(15)
    rates = np.array([0.3, 0.5, 0.5, 0.45, 0.6])
    kinds = [[0, 1, 2], [3, 4]]
    best = [1, 4]
    wrong = 0
    for seed in range(_TRIALS):
        hardness = random.standard_normal((60, 1))
        right = (hardness + random.standard_normal((60, 5))) / np.sqrt(2) < stats.norm.ppf(rates)
        means = joint_means(right.astype(float).tolist(), list(range(60)))
        critical = critical_with_best(means, kinds, alpha=0.05, seed=seed)
        others = [(other, one) for one in best for other in range(5) if other != one]
        weights = [[float(cell == other) - float(cell == one) for cell in range(5)] for other, one in others]
        family = means.family(weights)
        lower = [family.interval(place, critical)[0] for place in range(len(others))]
        truth = [rates[other] - rates[one] for other, one in others]
        wrong += any(bound > true for bound, true in zip(lower, truth, strict=True))
    assert wrong / _TRIALS < 0.05 + 3 * np.sqrt(0.05 * 0.95 / _TRIALS)


def test_an_error_rate_of_one_half_is_refused() -> None:
    with pytest.raises(InvalidComparison, match="alpha is"):
        critical_with_best(measured(2), [[0, 1]], alpha=0.5, seed=0)
