"""What the results folder tells of runs on a task."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.domain.manifest import GateManifest
from harness.domain.response import FailureKind, GenerationFailure
from harness.domain.run import ItemResult
from harness.domain.task import Decoding, Task
from harness.experiments.recorded_runs import recorded_runs
from harness.gating.gate import decide
from harness.store.gate_folder import GateFolder

Recorded = Callable[..., tuple[GateManifest, dict[str, tuple[ItemResult, ...]]]]
Write = Callable[..., None]


@pytest.fixture
def task(a_task: Callable[..., Task]) -> Task:
    return dataclasses.replace(a_task(), digest="c" * 64, decoding=Decoding(max_tokens=8, temperature=0.3))


@pytest.fixture
def write(recorded: Recorded, tmp_path: Path) -> Write:
    """Leaves a gate with these values on both sides, finished or not."""

    def leave(values: list[object], *, finished: bool = True, **how: object) -> None:
        manifest, results = recorded({"sums": (values, values)}, **how)
        with GateFolder.create(tmp_path, manifest) as folder:
            for run in manifest.runs:
                with folder.journal(run.id) as journal:
                    for result in results[run.id]:
                        journal.append(result)
            if finished:
                folder.finish(decide(manifest, results.__getitem__))

    return leave


def test_each_side_of_a_finished_gate_is_a_run_with_its_mean_and_error(
    write: Write, task: Task, tmp_path: Path
) -> None:
    write([1.0, 0.0] * 40)
    first, second = recorded_runs(tmp_path, task)
    assert (first.checkpoint, second.checkpoint) == ("the-baseline", "the-candidate")
    assert (first.items, first.answered, first.mean) == (80, 80, 0.5)
    assert first.half_width == pytest.approx(1.96 * 0.5 / 79**0.5)
    assert first.temperature == 0.3


def test_requests_that_failed_are_not_counted_as_answered(write: Write, task: Task, tmp_path: Path) -> None:
    failure = GenerationFailure(kind=FailureKind.TIMEOUT, message="late")
    write([1.0] * 60 + [failure] * 20)
    assert {(run.items, run.answered, run.mean) for run in recorded_runs(tmp_path, task)} == {(80, 60, 0.75)}


def test_an_unfinished_gate_another_task_and_an_empty_folder_tell_nothing(
    write: Write, task: Task, tmp_path: Path
) -> None:
    assert recorded_runs(tmp_path / "nowhere", task) == ()
    write([1.0] * 60, finished=False)
    assert recorded_runs(tmp_path, task) == ()
    assert recorded_runs(tmp_path, dataclasses.replace(task, digest="d" * 64)) == ()


def test_items_of_one_source_tell_no_error_and_are_left_out(write: Write, task: Task, tmp_path: Path) -> None:
    write([1.0] * 60, clusters=["one"] * 60)
    assert recorded_runs(tmp_path, task) == ()
