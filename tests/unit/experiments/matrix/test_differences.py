"""Cells summed up, and their differences, whose intervals hold together."""

from collections.abc import Sequence

import pytest

from harness.domain.experiment import Cell, Measured, Metric, ProbedItem, Reading, ScoredItem, Wait
from harness.errors import UnpairedRuns
from harness.experiments.matrix.differences import differences_of, row_of
from harness.stats.paired_scores import cluster_t_interval

BASE, TUNED, WORSE = (Cell(checkpoint=name) for name in ("base", "tuned", "worse"))
TARGET = Metric.TARGET
SPREAD = (0.0, 0.25, 0.0, 0.5, 0.25, 0.0, 0.25, 0.5)


def measured(cell: Cell, targets: Sequence[float], **how: object) -> Measured:
    items = tuple(
        ScoredItem(
            item_id=f"i{number}",
            cluster=f"c{number}",
            target=target,
            schema=1.0,
            prompt_tokens=100 + number,
            completion_tokens=10,
        )
        for number, target in enumerate(targets)
    )
    whole: dict[str, object] = {
        "cell": cell,
        "items": items,
        "checkpoint": cell.checkpoint,
        "checkpoint_digest": "d",
        "gate": f"gates/{cell.checkpoint}",
        "measured_on": "2026-11-25T10:00:00+00:00",
    }
    return Measured(**(whole | how))  # type: ignore[arg-type]


def test_a_row_has_the_mean_and_its_clustered_interval() -> None:
    row = row_of(
        measured(BASE, SPREAD, waits=tuple(Wait(ttft_s=t, e2e_s=2 * t) for t in (0.1, 0.3, 0.2))), TARGET
    )
    low, high = cluster_t_interval(SPREAD, list(range(8)), alpha=0.025)
    assert row.interval is not None
    assert (row.interval.low, row.interval.high) == (max(low, 0.0), high)
    assert (row.items, row.clusters, row.target) == (8, 8, sum(SPREAD) / 8)
    assert (row.prompt_tokens, row.completion_tokens) == (103.5, 10)
    assert (row.ttft_s, row.e2e_s, row.waits) == (0.2, 0.4, 3)


def test_what_is_not_known_is_none_and_a_failure_counts_zero() -> None:
    failed = ScoredItem(item_id="a", cluster="a", target=0.0, schema=0.0, failed=True)
    row = row_of(
        measured(BASE, (), items=(failed, ScoredItem(item_id="b", cluster="a", target=1.0, schema=1.0))),
        TARGET,
    )
    assert (row.target, row.failed, row.interval) == (0.5, 1, None)
    assert (row.prompt_tokens, row.ttft_s) == (None, None)


def test_intervals_of_a_family_are_those_of_bonferroni() -> None:
    higher = [value + 0.5 for value in SPREAD[:4]] + [value + 0.25 for value in SPREAD[4:]]
    found = [measured(BASE, SPREAD), measured(TUNED, higher)]
    (alone,) = differences_of(found, [(TUNED, BASE)], TARGET)
    (one_of_five,) = differences_of(found, [(TUNED, BASE), *[(WORSE, BASE)] * 4], TARGET)
    differences = [other - one for other, one in zip(higher, SPREAD, strict=True)]
    assert alone.interval is not None
    assert one_of_five.interval is not None
    expected = cluster_t_interval(differences, list(range(8)), alpha=0.025 / 5)
    assert (one_of_five.interval.low, one_of_five.interval.high) == pytest.approx(expected)
    assert one_of_five.interval.low < alone.interval.low
    assert alone.delta == one_of_five.delta == pytest.approx(0.375)


def test_a_difference_reads_as_the_sign_that_is_shown() -> None:
    worse, same, better = (
        differences_of([measured(BASE, [0.5] * 40), measured(TUNED, [value] * 40)], [(TUNED, BASE)], TARGET)[
            0
        ]
        for value in (0.0, 0.5, 1.0)
    )
    assert [each.reading for each in (worse, same, better)] == [
        Reading.WORSE,
        Reading.NOT_SHOWN,
        Reading.BETTER,
    ]


def test_swapping_two_cells_turns_their_difference_over() -> None:
    found = [measured(BASE, SPREAD), measured(TUNED, SPREAD[::-1])]
    there, back = differences_of(found, [(TUNED, BASE), (BASE, TUNED)], TARGET)
    assert there.delta == -back.delta
    assert there.interval is not None
    assert back.interval is not None
    assert there.interval.low == pytest.approx(-back.interval.high)


def test_cells_are_compared_by_the_metric_that_is_asked_for() -> None:
    probes = tuple(ProbedItem(item_id=f"p{n}", cluster=f"p{n}", correct=float(n % 2)) for n in range(10))
    forgot = tuple(ProbedItem(item_id=f"p{n}", cluster=f"p{n}", correct=0.0) for n in range(10))
    found = [measured(BASE, SPREAD, probes=probes), measured(TUNED, SPREAD[::-1], probes=forgot)]
    pair = [(TUNED, BASE)]
    (by_probe,), (by_schema,) = (differences_of(found, pair, each) for each in (Metric.PROBES, Metric.SCHEMA))
    assert (by_probe.delta, by_probe.items) == (-0.5, 10)
    assert (by_schema.delta, by_schema.items) == (0.0, 8)
    row = row_of(found[0], Metric.PROBES)
    assert (row.mean, row.items, row.target, row.probes) == (0.5, 10, sum(SPREAD) / 8, 0.5)
    assert row_of(measured(BASE, SPREAD), TARGET).probes is None


def test_a_pair_with_a_hole_has_no_difference_and_still_counts() -> None:
    found = [measured(BASE, SPREAD), measured(TUNED, SPREAD[::-1])]
    differences = differences_of(found, [(TUNED, BASE), (WORSE, BASE)], TARGET)
    assert [each.cell for each in differences] == [TUNED]
    assert differences_of([measured(TUNED, SPREAD)], [(TUNED, BASE)], TARGET) == ()


def test_cells_that_were_asked_other_items_are_not_compared() -> None:
    with pytest.raises(UnpairedRuns, match="were asked different items"):
        differences_of([measured(BASE, SPREAD), measured(TUNED, SPREAD[:-1])], [(TUNED, BASE)], TARGET)
