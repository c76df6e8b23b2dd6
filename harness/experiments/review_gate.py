"""Has people read the replies of a finished gate, and lets what they said count."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.config.judge_file import read_rubric
from harness.domain.reading import Blind, Place, Reads
from harness.domain.run import RunKind
from harness.domain.task import Task
from harness.engine.seeds import derived_seed
from harness.errors import StoreError, UsageError
from harness.experiments.gate_record import tasks_of
from harness.experiments.reading_desk import GateDesk, Sheet
from harness.experiments.reading_order import Readable, reading_order
from harness.experiments.replay import decided
from harness.gating.readable import answers, differ
from harness.store.gate_folder import GateFolder
from harness.store.reads import ReadsFile
from harness.store.warehouse import ingest
from reports.review.desk import Desk

Read = Callable[[Desk], bool]
"""Lays a desk before the reader and says whether all of it was marked."""

_RUBRIC = "rubric.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReview:
    """Have `reviewer` read `items` of the gate in the folder `gate`, in pairs or one at a time.

    `rubric` is a file to read by; without one a task's rubric.md is taken.  `tasks` are folders of
    tasks of the user's own, `tasks_dir` those that are known by name.
    """

    gate: Path
    reviewer: str
    blind: Blind
    items: int
    rubric: Path | None
    tasks: Sequence[str]
    tasks_dir: Path


def review_gate(request: GateReview, read: Read) -> bool:
    """Return whether all that was asked for is read; whatever was read counts in the verdict.

    Readings are kept as they are made, and the same request goes on from them.  Raises `UsageError`
    for a reader without a name, and `StoreError` for a gate that is not finished, holds no replies
    to read, or was begun by this reader in another way.
    """
    if not request.reviewer.strip():
        raise UsageError("reads without a reader are worth nothing: name one with --reviewer")
    folder = finished(request.gate)
    sheets, rubric = _sheets(folder, request), _rubric(request, folder)
    begun = Reads(
        gate_id=folder.manifest.gate_id,
        reviewer=request.reviewer.strip(),
        blind=request.blind,
        rubric=_digest(rubric),
    )
    desk = GateDesk(sheets, ReadsFile(folder.path, begun), seed=_seed(folder), rubric=rubric, now=_now)
    try:
        return read(desk)
    finally:
        settle_reads(folder)


def finished(path: Path) -> GateFolder:
    """Return the gate in the folder `path`; raise `StoreError` when it is not finished."""
    folder = GateFolder.open(path)
    folder.verdict()
    return folder


def settle_reads(folder: GateFolder) -> None:
    """Have what people read count: the verdict is decided again, and the DuckDB file knows of it.

    A decision on the ladder and an evaluation alone ask nothing of readers and stay as they are.
    """
    if folder.manifest.policy.asks_people and folder.manifest.ladder is None:
        verdict = decided(folder)
        if folder.verdict().verdicts and verdict != folder.verdict():
            with folder:
                folder.amend(verdict)
    if folder.path.resolve().parent.name == "gates":
        ingest(folder.path.resolve().parents[1] / "weighbridge.duckdb", folder)


def sheets_of(folder: GateFolder, tasks: Mapping[str, Task]) -> tuple[Sheet, ...]:
    """Return every item that can be read, in the order it is read; questions from `tasks`, by digest.

    Raises `StoreError` for a gate that holds none.
    """
    there = answers(folder.manifest, folder.results)
    if not there:
        raise StoreError(
            f"{folder.path} holds no reply to a task that could be read: review a gate that asked a task"
        )
    asked = _questions(folder, tasks)
    known = [Readable(place=place, differs=differ(*sides)) for place, sides in there.items()]
    return tuple(
        Sheet(
            place=each.place,
            question=asked.get(each.place, ""),
            candidate=there[each.place][0],
            baseline=there[each.place][1],
        )
        for each in reading_order(known, seed=_seed(folder))
    )


def _sheets(folder: GateFolder, request: GateReview) -> tuple[Sheet, ...]:
    sheets = sheets_of(folder, tasks_of(folder, request.tasks, request.tasks_dir))
    if request.blind is Blind.PAIRS and not any(sheet.baseline for sheet in sheets):
        raise UsageError(f"{folder.path} has no baseline to compare with: read one at a time with --single")
    return sheets[: request.items]


def _questions(folder: GateFolder, tasks: Mapping[str, Task]) -> Mapping[Place, str]:
    """Return each item's question in words, for the tasks that are at hand."""
    return {
        (run.pair, item.id): task.ask(item.inputs)
        for run in folder.manifest.runs
        if run.kind is RunKind.TASK and run.subject_digest in tasks
        for task in (tasks[run.subject_digest],)
        for item in task.items
    }


def _rubric(request: GateReview, folder: GateFolder) -> str:
    """Return the text to read by, empty for none; raise `InvalidTask` for a file that is no text."""
    if request.rubric is not None:
        return read_rubric(request.rubric)
    return "\n\n".join(map(read_rubric, _known_rubrics(request, folder)))


def _known_rubrics(request: GateReview, folder: GateFolder) -> Iterator[Path]:
    subjects = {run.subject for run in folder.manifest.runs if run.kind is RunKind.TASK}
    for each in (*map(Path, request.tasks), *(request.tasks_dir / name for name in sorted(subjects))):
        if each.name in subjects and (each / _RUBRIC).is_file():
            yield each / _RUBRIC


def _digest(rubric: str) -> str:
    return hashlib.sha256(rubric.encode()).hexdigest() if rubric else ""


def _seed(folder: GateFolder) -> int:
    return derived_seed(folder.manifest.policy.seed, folder.manifest.gate_id)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
