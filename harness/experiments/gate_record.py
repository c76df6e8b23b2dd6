"""Reads a gate back as its report takes it, and has the journals speak once more for the verdict."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.config.task_rows import read_items
from harness.domain.reading_summary import ReadingSummary
from harness.domain.run import RunKind
from harness.domain.task import Task
from harness.domain.verdict import GateVerdict
from harness.errors import InvalidTask
from harness.experiments.reading_summary import reading_summary
from harness.experiments.replay import decided
from harness.store.gate_folder import GateFolder
from reports.gate.record import GateRecord, Home


def gate_record(path: Path, *, tasks: Sequence[str], tasks_dir: Path) -> GateRecord:
    """Return what the gate in the folder `path` left, finished or not.

    Its questions are shown in words where one of `tasks`, or a task of the same name in
    `tasks_dir`, has the content that was asked.  Raises `StoreError` for a folder that holds no
    gate, a damaged one or one of a newer format, and `InvalidTask` for a task that was named and
    cannot be read.
    """
    folder = GateFolder.open(path)
    verdict = folder.verdict() if folder.is_complete else None
    known = _tasks(folder, tasks, tasks_dir)
    return GateRecord(
        folder=str(path),
        manifest=folder.manifest,
        verdict=verdict,
        results={run.id: folder.results(run.id) for run in folder.manifest.runs},
        replayed=_replayed(folder, verdict),
        tasks={task.digest: task for _, task in known},
        servers=folder.servers(),
        homes={task.digest: home for path, task in known if (home := _home(path)) is not None},
        reading=_reading(folder),
    )


def _reading(folder: GateFolder) -> ReadingSummary | None:
    if not folder.is_complete or not (folder.reads() or folder.judgements()):
        return None
    return reading_summary(folder)


def _replayed(folder: GateFolder, verdict: GateVerdict | None) -> bool | None:
    if verdict is None or not verdict.verdicts:
        return None
    return decided(folder) == verdict


def tasks_of(folder: GateFolder, named: Sequence[str], tasks_dir: Path) -> Mapping[str, Task]:
    """Return the tasks that were asked, by digest; one that is known by its name alone need not be there."""
    return {task.digest: task for _, task in _tasks(folder, named, tasks_dir)}


def _tasks(folder: GateFolder, named: Sequence[str], tasks_dir: Path) -> Sequence[tuple[Path, Task]]:
    """Return the tasks that were asked, with their folders."""
    found = [_task(find_task(name, tasks_dir=tasks_dir)) for name in named]
    subjects = {run.subject for run in folder.manifest.runs if run.kind is not RunKind.PROBE}
    for name in sorted(subjects - set(named)):
        if (tasks_dir / name / "task.py").is_file() and Path(name).name == name:
            try:
                found.append(_task(tasks_dir / name))
            except InvalidTask:
                continue
    asked = {run.subject_digest for run in folder.manifest.runs}
    return [(path, task) for path, task in found if task.digest in asked]


def _task(path: Path) -> tuple[Path, Task]:
    return path, load_task(path)


def _home(path: Path) -> Home | None:
    """Return where a task lies, None outside the working folder: its lines are not of what is reviewed."""
    here = Path.cwd().resolve()
    if not path.resolve().is_relative_to(here):
        return None
    lines = {item.id: number for number, item in read_items(path / "items.jsonl").items()}
    return Home(folder=path.resolve().relative_to(here).as_posix(), lines=lines)
