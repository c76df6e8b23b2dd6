"""Whether the measurement moved is read off the anchor alone, item by item."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.nightly import AnchorReading, Asked
from harness.domain.run import ItemResult, RunKind, RunSpec, Side
from harness.domain.suite import Suite
from harness.experiments.nightly.anchor import TwoRuns, readings

Scores = Sequence[float]
Read = Callable[[Scores, Scores], AnchorReading]


@pytest.fixture(scope="session")
def two_runs(
    a_run: Callable[..., RunSpec], results_of: Callable[..., tuple[ItemResult, ...]]
) -> Callable[[Scores, Scores], TwoRuns]:
    def build(then: Scores, now: Scores) -> TwoRuns:
        run = a_run(Side.CANDIDATE, [f"i{number}" for number in range(len(then))])
        return TwoRuns(
            asked=Asked(kind=RunKind.TASK, subject="sums", arm="zero-shot", task="sums"),
            suite=Suite.TARGET_METRIC,
            then=results_of(run, then),
            now=tuple(reversed(results_of(run, now))),
            since="2026-11-01T00:00:00+00:00",
            gate="results/gates/g-1",
        )

    return build


@pytest.fixture(scope="session")
def read(two_runs: Callable[[Scores, Scores], TwoRuns]) -> Read:
    return lambda then, now: readings([two_runs(then, now)])[0]


def test_equal_scores_have_not_moved(read: Read) -> None:
    found = read([1.0, 0.0] * 30, [1.0, 0.0] * 30)
    assert (found.moved, found.changed, found.then, found.now) == (False, 0, 0.5, 0.5)


def test_an_instrument_that_scores_everything_nothing_has_moved(read: Read) -> None:
    found = read([1.0] * 60, [0.0] * 60)
    assert (found.moved, found.changed, found.now) == (True, 60, 0.0)


def test_items_that_flicker_both_ways_are_counted_and_move_no_mean(read: Read) -> None:
    found = read([1.0, 0.0] * 30, [0.0, 1.0, *[1.0, 0.0] * 29])
    assert (found.moved, found.changed, found.items) == (False, 2, 60)


def test_items_of_one_source_alone_show_nothing(read: Read) -> None:
    found = read([1.0], [0.0])
    assert (found.interval, found.moved) == (None, False)


def test_what_is_shown_alone_need_not_be_shown_among_many(
    two_runs: Callable[[Scores, Scores], TwoRuns],
) -> None:
    pair = two_runs([1.0] * 60, [0.0] * 5 + [1.0] * 55)
    assert readings([pair])[0].moved
    assert not any(reading.moved for reading in readings([pair] * 20))


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40))
def test_a_reading_turned_round_has_the_opposite_sign(read: Read, pairs: list[tuple[float, float]]) -> None:
    then, now = [list(side) for side in zip(*pairs, strict=True)]
    forth, back = read(then, now), read(now, then)
    assert forth.moved == back.moved
    assert forth.changed == back.changed
    assert forth.interval is not None
    assert back.interval is not None
    assert forth.interval[0] == pytest.approx(-back.interval[1], abs=1e-9)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
def test_the_same_scores_again_never_move(read: Read, scores: list[float]) -> None:
    assert not read(scores, scores).moved
