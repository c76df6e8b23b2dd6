from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.trend.changes import change_points

STEP = 0.01
_VALUES = st.lists(st.floats(0, 1), max_size=40)


def noisy(levels: list[tuple[int, float]], seed: int, *, sigma: float = 0.02) -> list[float]:
    random = Random(seed)  # noqa: S311 - draws, no secrets
    return [level + random.gauss(0, sigma) for count, level in levels for _ in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_a_step_of_ten_points_is_found_where_it_is(seed: int) -> None:
    (at,) = change_points(noisy([(30, 0.7), (30, 0.6)], seed), step=STEP)
    assert abs(at - 30) <= 1


def test_two_steps_are_found_though_the_ends_are_level() -> None:
    assert change_points([0.5] * 10 + [0.8] * 10 + [0.5] * 10, step=STEP) == (10, 20)


def test_steady_series_seldom_show_a_step() -> None:
    alarms = sum(bool(change_points(noisy([(60, 0.7)], seed), step=STEP)) for seed in range(500))
    assert alarms <= 500 * 0.04


@pytest.mark.parametrize("night", [0, 1, 10, 19, 20])
def test_one_night_out_of_line_is_no_level(night: int) -> None:
    values = [0.7] * 21
    values[night] = 0.4
    assert change_points(values, step=STEP) == ()


def test_a_flicker_of_one_item_is_no_step() -> None:
    assert change_points([0.70, 0.70, 0.70, 0.71, 0.71, 0.71], step=STEP) == ()


@pytest.mark.parametrize("values", [[], [0.5], [0.1, 0.9], [0.1, 0.1, 0.9, 0.9, 0.9]])
def test_too_few_points_have_no_levels(values: list[float]) -> None:
    assert change_points(values, step=STEP) == ()


@given(_VALUES)
def test_every_level_lasts_and_cuts_ascend(values: list[float]) -> None:
    edges = [0, *change_points(values, step=STEP), len(values)]
    assert edges == sorted(edges)
    if len(edges) > 2:
        assert min(after - before for before, after in pairwise(edges)) >= 3
