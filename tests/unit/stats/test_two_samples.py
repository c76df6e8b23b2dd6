import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.errors import InvalidComparison
from harness.stats.two_samples import energy_p_value, planted_power, recognition

Points = NDArray[np.float64]
_DIMENSIONS = 6


def distances(points: Points) -> Points:
    found: Points = np.linalg.norm(points[:, None] - points[None], axis=2)
    return found


def drawn(seed: int, first: int, second: int, *, shift: float = 0.0, of: float = 1.0) -> Points:
    """Normal points; of the first ones, a share lies elsewhere."""
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(first + second, _DIMENSIONS))
    points[: round(of * first), 0] += shift
    return points


def test_where_nothing_moved_the_test_is_wrong_as_often_as_it_says() -> None:
    tries = 400
    wrong = sum(
        energy_p_value(distances(drawn(seed, 20, 40)), 20, seed=seed, permutations=199) <= 0.05
        for seed in range(tries)
    )
    assert (
        0.05 * tries - 3 * (0.05 * 0.95 * tries) ** 0.5 < wrong < 0.05 * tries + 3 * (0.0475 * tries) ** 0.5
    )


@pytest.mark.parametrize(("shift", "of"), [(1.5, 1.0), (4.0, 0.4)])
def test_a_shift_of_all_or_of_some_is_found_nearly_always(shift: float, of: float) -> None:
    found = sum(
        energy_p_value(distances(drawn(seed, 40, 80, shift=shift, of=of)), 40, seed=seed, permutations=199)
        <= 0.05
        for seed in range(40)
    )
    assert found >= 36


def test_the_energy_is_compared_as_it_is_defined() -> None:
    points = drawn(0, 5, 4, shift=1.0)
    table = distances(points)

    def energy(first: Points, second: Points) -> float:
        between = np.mean([np.linalg.norm(a - b) for a in first for b in second])
        within = [np.mean([np.linalg.norm(a - b) for a in part for b in part]) for part in (first, second)]
        return float(2 * between - sum(within))

    generator = np.random.default_rng(3)
    orders = np.argsort(generator.random((9, 99)), axis=0).T
    seen = energy(points[:5], points[5:])
    as_far = sum(energy(points[order < 5], points[order >= 5]) >= seen - 1e-9 for order in orders)
    assert energy_p_value(table, 5, seed=3, permutations=99) == pytest.approx((1 + as_far) / 100)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(4, 12), st.integers(4, 12), st.floats(0.1, 10.0))
def test_swapping_or_scaling_the_samples_changes_little_or_nothing(
    seed: int, first: int, second: int, scale: float
) -> None:
    points = drawn(seed, first, second, shift=1.0)
    table = distances(points)
    swapped = np.concatenate([points[first:], points[:first]])
    told, mirrored = (
        recognition(table, first, alpha=0.05),
        recognition(distances(swapped), second, alpha=0.05),
    )
    assert told.share == pytest.approx(mirrored.share)
    assert energy_p_value(scale * table, first, seed=seed) == energy_p_value(table, first, seed=seed)
    assert 0.0 <= told.interval[0] <= told.share <= told.interval[1] <= 1.0


def test_what_nobody_can_tell_apart_is_guessed_and_what_lies_apart_is_told() -> None:
    alike = [recognition(distances(drawn(seed, 60, 120)), 60, alpha=0.05) for seed in range(60)]
    assert np.mean([each.share for each in alike]) == pytest.approx(0.5, abs=0.03)
    assert np.mean([each.interval[0] <= 0.5 <= each.interval[1] for each in alike]) >= 0.85
    apart = recognition(distances(drawn(0, 60, 120, shift=20.0)), 60, alpha=0.05)
    assert apart.share == 1.0
    assert apart.interval[0] < 1.0


def test_points_in_one_place_are_no_evidence_of_anything() -> None:
    table = np.zeros((40, 40))
    assert energy_p_value(table, 20, seed=0) == 1.0
    told = recognition(table, 20, alpha=0.05)
    assert told.share == 0.5
    assert told.interval[1] > 0.65


def test_more_points_find_a_planted_shift_more_often() -> None:
    generator = np.random.default_rng(1)
    centres = generator.normal(scale=3.0, size=(10, _DIMENSIONS))
    points = centres[generator.integers(10, size=240)] + generator.normal(size=(240, _DIMENSIONS))
    table = distances(points)
    few, many = (planted_power(table, first, alpha=0.05, seed=0) for first in (8, 80))
    assert few < many
    assert many > 0.9


@pytest.mark.parametrize(("first", "second"), [(0, 9), (3, 9), (9, 3)])
def test_samples_of_too_few_points_are_refused(first: int, second: int) -> None:
    with pytest.raises(InvalidComparison, match="give 4 or more"):
        energy_p_value(distances(drawn(0, first, second)), first, seed=0)


def test_a_distance_that_is_no_number_is_refused() -> None:
    table = distances(drawn(0, 5, 5))
    table[0, 1] = np.nan
    with pytest.raises(InvalidComparison, match="finite"):
        recognition(table, 5, alpha=0.05)
