from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.errors import InvalidComparison
from harness.stats.joint_means import Family, joint_means
from harness.stats.paired_scores import cluster_mean

_TRIALS = 120


def all_pairs(cells: int) -> list[list[float]]:
    rows = []
    for behind, ahead in combinations(range(cells), 2):
        row = [0.0] * cells
        row[ahead], row[behind] = 1.0, -1.0
        rows.append(row)
    return rows


def drawn(random: np.random.Generator, rates: Sequence[float], *, groups: int, size: int = 1) -> np.ndarray:
    """Right-or-wrong scores: items are as hard as their source, and a cell is right at its rate."""
    hardness = np.repeat(random.standard_normal((groups, 1)), size, axis=0)
    own = random.standard_normal((groups * size, len(rates)))
    right: np.ndarray = (hardness + own) / np.sqrt(2) < stats.norm.ppf(rates)
    return right.astype(float)


def intervals(family: Family, *, alpha: float = 0.05, seed: int = 1) -> list[tuple[float, float]]:
    critical = family.critical(alpha=alpha, seed=seed)
    return [family.interval(place, critical) for place in range(len(family.deltas))]


scores = st.integers(2, 12).flatmap(
    lambda items: st.lists(
        st.tuples(*[st.sampled_from([0.0, 0.25, 0.5, 1.0])] * 3), min_size=items, max_size=items
    )
)


def test_means_and_their_covariance_are_those_of_independent_items() -> None:
    table = np.random.default_rng(3).random((40, 3))
    found = joint_means(table.tolist(), list(range(40)))
    assert found.means == pytest.approx(table.mean(axis=0))
    assert found.covariance == pytest.approx(np.cov(table.T) / 40)


def test_the_variance_of_a_difference_is_that_of_the_paired_test_with_clusters() -> None:
    table = np.random.default_rng(4).random((60, 2))
    clusters = [f"source {number % 15}" for number in range(60)]
    found = joint_means(table.tolist(), clusters)
    weights = np.array([-1.0, 1.0])
    single = cluster_mean((table[:, 1] - table[:, 0]).tolist(), clusters)
    assert weights @ found.covariance @ weights == pytest.approx(single.error**2)


def test_the_adjustment_is_that_of_bonett_and_price_for_right_and_wrong() -> None:
    table = [(1.0, 0.0)] * 9 + [(0.0, 1.0)] * 3 + [(1.0, 1.0)] * 28
    family = joint_means(table, list(range(40))).family([[-1.0, 1.0]])
    lost, won = 10 / 42, 4 / 42
    assert family.centres == pytest.approx([won - lost])
    error = np.sqrt((won + lost - (won - lost) ** 2) / 42)
    assert family.half_width(0, 3.0) == pytest.approx(3.0 * error, rel=0.02)
    assert family.deltas == pytest.approx([-6 / 40])


def test_one_contrast_alone_has_students_quantile() -> None:
    table = np.random.default_rng(5).random((25, 2))
    family = joint_means(table.tolist(), list(range(25))).family([[-1.0, 1.0]])
    student = stats.t(24)
    assert family.critical(alpha=0.05, seed=1) == pytest.approx(student.ppf(0.975), rel=0.02)


@given(scores)
@settings(max_examples=25)
def test_a_family_costs_more_than_one_contrast_and_less_than_bonferroni(
    table: list[tuple[float, ...]],
) -> None:
    family = joint_means(table, list(range(len(table)))).family(all_pairs(3))
    student = stats.t(len(table) - 1)
    found = family.critical(alpha=0.05, seed=2)
    assert 0.95 * student.ppf(1 - 0.05 / 2) < found < 1.1 * student.ppf(1 - 0.05 / 6)


@given(scores, st.randoms())
@settings(max_examples=25)
def test_the_order_of_items_changes_nothing(table: list[tuple[float, ...]], random: object) -> None:
    rows = list(enumerate(table))
    random.shuffle(rows)  # type: ignore[attr-defined]
    one = joint_means(table, list(range(len(table))))
    other = joint_means([row for _, row in rows], [place for place, _ in rows])
    assert one.means == pytest.approx(other.means)
    assert one.covariance == pytest.approx(other.covariance)


@given(scores)
@settings(max_examples=25)
def test_a_contrast_turned_round_is_its_negative_and_stays_within_its_reach(
    table: list[tuple[float, ...]],
) -> None:
    means = joint_means(table, list(range(len(table))))
    family = means.family([[-1.0, 1.0, 0.0], [1.0, -1.0, 0.0]])
    (low, high), (low_too, high_too) = (family.interval(place, 2.0) for place in (0, 1))
    assert (low, high) == pytest.approx((-high_too, -low_too))
    assert -1.0 <= low <= high <= 1.0


@pytest.mark.parametrize("items", [5, 20, 150, 2000])
def test_items_that_do_not_differ_are_no_proof_that_none_would(items: int) -> None:
    family = joint_means([(1.0, 1.0)] * items, list(range(items))).family([[-1.0, 1.0]])
    ((low, high),) = intervals(family)
    chance_of_none = (1 - high) ** items
    assert low == -high
    assert chance_of_none < 0.027


def test_an_interaction_may_reach_from_minus_two_to_two() -> None:
    table = [(0.0, 1.0, 1.0, 0.0)] * 30
    family = joint_means(table, list(range(30))).family([[1.0, -1.0, -1.0, 1.0]])
    assert family.deltas == (-2.0,)
    low, high = family.interval(0, 3.0)
    assert -2.0 <= low < high < -1.0


@pytest.mark.parametrize(
    ("rates", "groups", "size"),
    [
        ((0.5,) * 3, 20, 1),
        ((0.02, 0.05, 0.4, 0.6), 48, 1),
        ((0.97, 0.99, 0.95), 150, 1),
        ((0.01,) * 4, 48, 1),
        ((0.2, 0.4, 0.4, 0.6), 40, 5),
    ],
    ids=["few items", "some hardly ever right", "nearly all right", "all wrong", "five items a source"],
)
def test_all_intervals_of_a_family_hold_together(rates: tuple[float, ...], groups: int, size: int) -> None:
    random = np.random.default_rng(11)
    weights = all_pairs(len(rates))
    truth = np.array(weights) @ np.array(rates)
    clusters = np.repeat(np.arange(groups), size).tolist()
    held = 0
    for seed in range(_TRIALS):
        table = drawn(random, rates, groups=groups, size=size)
        found = intervals(joint_means(table.tolist(), clusters).family(weights), seed=seed)
        held += all(low <= true <= high for true, (low, high) in zip(truth, found, strict=True))
    # Three standard errors of the simulation under 95 %.
    assert held / _TRIALS > 0.95 - 3 * np.sqrt(0.05 * 0.95 / _TRIALS)


def test_the_same_seed_gives_the_same_critical_value() -> None:
    table = np.random.default_rng(6).random((30, 3)).tolist()
    family = joint_means(table, list(range(30))).family(all_pairs(3))
    assert family.critical(alpha=0.05, seed=9) == family.critical(alpha=0.05, seed=9)
    assert family.critical(alpha=0.05, seed=9) != family.critical(alpha=0.05, seed=10)


@pytest.mark.parametrize("times", [2, 10])
def test_an_interval_narrows_with_more_sources_as_it_would_if_they_were_there(times: int) -> None:
    table = np.random.default_rng(7).random((30, 2)).tolist()
    few = joint_means(table, list(range(30))).family([[-1.0, 1.0]])
    more = joint_means(table * times, list(range(30 * times))).family([[-1.0, 1.0]])
    assert few.half_width(0, 2.0, times=times) == pytest.approx(more.half_width(0, 2.0), rel=0.01)
    assert few.half_width(0, 2.0, times=times) < few.half_width(0, 2.0)


@pytest.mark.parametrize(
    ("table", "clusters", "sentence"),
    [
        ([], [], "0 items come with 0 clusters"),
        ([(0.5, 0.5)], ["a", "b"], "1 items come with 2 clusters"),
        ([(0.5, 1.5)] * 2, ["a", "b"], r"outside \[0, 1\]"),
        ([(0.5, float("nan"))] * 2, ["a", "b"], r"outside \[0, 1\]"),
        ([(0.5, 0.5)] * 2, ["a", "a"], "all 2 items belong to cluster 'a'"),
    ],
)
def test_what_cannot_be_weighed_is_refused(
    table: list[tuple[float, ...]], clusters: list[str], sentence: str
) -> None:
    with pytest.raises(InvalidComparison, match=sentence):
        joint_means(table, clusters)


def test_an_error_rate_of_one_half_is_refused() -> None:
    family = joint_means([(0.0, 1.0), (1.0, 0.5)], [1, 2]).family([[-1.0, 1.0]])
    with pytest.raises(InvalidComparison, match=r"alpha is 0\.5"):
        family.critical(alpha=0.5, seed=0)
