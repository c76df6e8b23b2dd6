"""Results into journals as they come, and who is told of them."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.backends.scripted import ScriptedBackend
from harness.domain.run import ItemResult, RunSpec
from harness.domain.score import Score
from harness.domain.task import Item, Task
from harness.engine.schedule import interleave, reply_work
from harness.engine.work import Wiring, Work
from harness.errors import InvalidTask
from harness.experiments.progress import Silent
from harness.experiments.record import Bench, record
from harness.gating.referee import Referee
from harness.store.gate_folder import GateFolder
from harness.store.journal import Journal


class Telling(Silent):
    """Checks that what is counted stands in its journal already."""

    def __init__(self, folder: GateFolder) -> None:
        self.folder = folder
        self.counted: list[tuple[str, str]] = []

    def advance(self, *results: ItemResult) -> None:
        for result in results:
            assert result in self.folder.results(result.run_id)
            self.counted.append((result.run_id, result.item_id))


@pytest.fixture
def folder(recorded: Callable[..., tuple[object, object]], tmp_path: Path) -> Iterator[GateFolder]:
    """A gate of two runs over ten items, nothing of which is recorded."""
    manifest, _ = recorded({"sums": ([1.0] * 10, [1.0] * 10)})
    with GateFolder.create(tmp_path, manifest) as made:  # type: ignore[arg-type]
        yield made


@pytest.fixture
def works(a_task: Callable[..., Task], folder: GateFolder) -> tuple[Work, ...]:
    return sides_of(a_task(items=10), folder)


def sides_of(task: Task, folder: GateFolder) -> tuple[Work, ...]:
    """All work of the gate, over a task whose items have the names that the manifest gives them."""
    names = folder.manifest.runs[0].item_ids
    items = tuple(dataclasses.replace(item, id=name) for item, name in zip(task.items, names, strict=True))
    named = dataclasses.replace(task, items=items)

    def side(run: RunSpec) -> tuple[Work, ...]:
        return reply_work(run, named, timed=False, max_tokens=None)

    return interleave([side(run) for run in folder.manifest.runs])


def carried_out(works: tuple[Work, ...], folder: GateFolder) -> tuple[int, Telling]:
    backend = ScriptedBackend(lambda _: "2")
    wiring = Wiring(
        backends={work.run.candidate.checkpoint.digest: backend for work in works},
        retrievers={},
        seed=7,
        clock=lambda: 0.0,
        watch=lambda: None,
        confirm=lambda: None,
    )
    telling = Telling(folder)
    bench = Bench(folder, Referee(folder.manifest), telling)
    return asyncio.run(record(works, wiring, bench, 4)), telling


def test_every_result_is_in_its_own_journal_before_it_counts(
    works: tuple[Work, ...], folder: GateFolder
) -> None:
    count, telling = carried_out(works, folder)
    assert count == len(telling.counted) == len(set(telling.counted)) == 20
    for run in folder.manifest.runs:
        assert {result.item_id for result in folder.results(run.id)} == set(run.item_ids)


def test_what_was_answered_before_an_error_is_in_the_journals(
    a_task: Callable[..., Task], folder: GateFolder
) -> None:
    def broken(item: Item, _reply: str) -> Score:
        if item.id == "i7":
            raise ZeroDivisionError("division by zero")
        return Score(value=1.0)

    works = sides_of(dataclasses.replace(a_task(items=10), score=broken), folder)
    with pytest.raises(InvalidTask, match="on item i7;"):
        carried_out(works, folder)
    for run in folder.manifest.runs:
        assert {"i0", "i1", "i2", "i3", "i4"} <= {result.item_id for result in folder.results(run.id)}


def test_journals_reach_the_disk_while_the_work_goes_on(
    works: tuple[Work, ...], folder: GateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[Journal] = set()

    def note(journal: Journal) -> None:
        synced.add(journal)

    monkeypatch.setattr(Journal, "sync", note)
    monkeypatch.setattr("harness.experiments.record._SYNC_S", 0.0)
    carried_out(works, folder)
    assert synced
