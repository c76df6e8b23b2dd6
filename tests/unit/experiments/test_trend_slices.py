from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from harness.config.task_folder import load_task
from harness.domain.task import Task
from harness.experiments.trend import Selection, trend_record
from harness.experiments.trend_slices import Slices
from reports.gate.slices import FEWEST
from reports.trend.record import Point
from tests.fakes.tickets import TICKETS


def tagged(*, every: int) -> Task:
    """The tickets, one of `every` so many of them with a tag of its own."""
    task = load_task(TICKETS)
    items = [
        replace(item, tags=("some",) if place % every == 0 else ()) for place, item in enumerate(task.items)
    ]
    return replace(task, items=tuple(items))


def sliced(results: Path, task: Task) -> tuple[Point, ...]:
    selection = Selection(tasks=(task.name,), slices=Slices(task=task, tags=("some",)))
    return trend_record(results / "weighbridge.duckdb", selection).points


def whole(results: Path) -> tuple[Point, ...]:
    return trend_record(results / "weighbridge.duckdb", Selection(tasks=("tickets",))).points


def same(points: tuple[Point, ...]) -> list[tuple[object, ...]]:
    return sorted(
        (
            *(point.at_s, point.gate_id, point.arm, point.side, point.metric, point.items),
            *(round(each, 9) for each in (point.mean, point.lower, point.upper) if each is not None),
        )
        for point in points
    )


def test_a_slice_that_all_items_carry_is_the_run(results: Path) -> None:
    assert same(sliced(results, tagged(every=1))) == same(whole(results)) != []


def test_repeats_belong_to_the_slice_of_their_item(results: Path) -> None:
    before = same(sliced(results, tagged(every=2)))
    with duckdb.connect(str(results / "weighbridge.duckdb")) as connection:
        connection.execute("UPDATE item_results SET item_id = item_id || '~2'")
        connection.execute("UPDATE scores SET item_id = item_id || '~2'")
    assert same(sliced(results, tagged(every=2))) == before != []


def test_a_run_with_few_items_of_a_slice_has_no_point(results: Path) -> None:
    items = max(point.items for point in whole(results))
    most = len(load_task(TICKETS).items)
    assert sliced(results, tagged(every=most)) == ()
    assert items >= FEWEST


def test_runs_on_other_content_of_the_task_are_left_out(results: Path) -> None:
    assert sliced(results, replace(tagged(every=1), digest="0" * 64)) == ()


@pytest.mark.parametrize(("metric", "repeat"), [("target", ""), ("schema", ""), ("target", "~2")])
def test_items_that_flicker_are_those_of_the_slice(results: Path, metric: str, repeat: str) -> None:
    task = tagged(every=2)
    mine = {item.id for item in task.items if item.tags}
    with duckdb.connect(str(results / "weighbridge.duckdb")) as connection:
        connection.execute("UPDATE runs SET checkpoint = 'one', checkpoint_digest = 'one'")
        connection.execute("UPDATE scores SET value = random() WHERE metric = ?", [metric])
        connection.execute("UPDATE item_results SET item_id = item_id || ?", [repeat])
        connection.execute("UPDATE scores SET item_id = item_id || ?", [repeat])
    every = trend_record(results / "weighbridge.duckdb", Selection(tasks=("tickets",)))
    selection = Selection(tasks=("tickets",), slices=Slices(task=task, tags=("some",)))
    found = trend_record(results / "weighbridge.duckdb", selection)
    assert {item.item_id.removesuffix(repeat) for item in found.flaky} <= mine
    assert 0 < found.flaky_total < every.flaky_total
