"""Cells on this machine: a checkpoint after the other, all that is asked of one on one server."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.domain.arm import parse_arm
from harness.domain.experiment import AS_MERGED, OWN_DECODING, UNTRAINED, Cell, Hole, Outcome
from harness.domain.policy import ForgettingPolicy, LatencyPolicy, OnMismatch, Policy
from harness.domain.suite import Suite
from harness.errors import UsageError, WeighbridgeError
from harness.experiments.export import ExportRequest, run_export
from harness.experiments.gate import run_gate
from harness.experiments.matrix.adapters import Adapters
from harness.experiments.matrix.data_sets import DataSets
from harness.experiments.matrix.decodings import task_name, task_under
from harness.experiments.matrix.definition import Definition
from harness.experiments.matrix.scores import is_sound, outcome_of
from harness.experiments.plan import plan_digest
from harness.experiments.prepare import prepare
from harness.experiments.progress import Progress
from harness.experiments.request import GateRequest, Places, Purpose
from harness.store.gate_folder import GateFolder, latest_attempt
from training.certificate import read_certificate
from training.export import ExportFormat
from training.merge import MergeBase

_SCORED = (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY)

Score = Callable[[GateRequest, Progress], GateFolder]
"""Gives the finished folder of what a request asks, measured now or found."""


Exporter = Callable[[ExportRequest, Progress], object]
"""Writes an export, whole or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalExecutor:
    """Measures the cells of a definition here, through the gate; `folder` keeps copies of tasks."""

    definition: Definition
    places: Places
    folder: Path
    data_sets: DataSets
    adapters: Adapters
    progress: Progress
    score: Score
    export: Exporter = run_export
    mongodb_uri: str | None = None

    def run(self, cells: Sequence[Cell]) -> Iterator[Outcome]:
        """Yield what every cell ended in, models in the order in which they first come."""
        models: dict[tuple[str, ...], list[Cell]] = {}
        for cell in cells:
            models.setdefault(cell.model, []).append(cell)
        for members in models.values():
            yield from self._model(members)

    def _model(self, cells: Sequence[Cell]) -> Iterator[Outcome]:
        try:
            checkpoint = self._checkpoint(cells[0])
        except (WeighbridgeError, OSError) as error:
            yield from (Hole(cell=cell, reason=_reason(error)) for cell in cells)
            return
        for block in rectangles(cells):
            yield from self._asked(checkpoint, block)

    def _checkpoint(self, cell: Cell) -> str:
        """The checkpoint of a cell, trained where it has to be."""
        if cell.checkpoint:
            return cell.checkpoint
        if cell.data == UNTRAINED:
            return self.adapters.base(cell.recipe)
        adapter = self.adapters.adapter(cell.recipe, self.data_sets.path(cell.data), seed=cell.seed)
        return str(adapter if cell.export == AS_MERGED else self._exported(adapter, cell))

    def _exported(self, adapter: Path, cell: Cell) -> Path:
        """The folder of an adapter's export, written where it is not there."""
        name = f"{adapter.parent.name}-{adapter.name}-{cell.merge_into}-{cell.export}"
        out = self.folder / "exports" / name
        if not out.is_dir():
            request = ExportRequest(
                checkpoint=str(adapter),
                out=out,
                places=self.places,
                into=MergeBase(cell.merge_into),
                written_as=ExportFormat(cell.export),
                max_model_len=self.definition.max_model_len,
            )
            self.export(request, self.progress)
        return out

    def _asked(self, checkpoint: str, cells: Sequence[Cell]) -> list[Outcome]:
        """All cells of a block from one server, or each by itself where one of them cannot be asked."""
        try:
            folder = self.score(self._request(checkpoint, cells), self.progress)
            source = find_task(self.definition.task, tasks_dir=self.places.tasks)
            took_s = _trained_s(checkpoint)
            return [
                outcome_of(cell, task_name(source, cell.decoding), folder, trained_s=took_s) for cell in cells
            ]
        except (WeighbridgeError, OSError) as error:
            if isinstance(error, UsageError) and len(cells) > 1:
                return [outcome for cell in cells for outcome in self._asked(checkpoint, (cell,))]
            return [Hole(cell=cell, reason=_reason(error)) for cell in cells]

    def _request(self, checkpoint: str, cells: Sequence[Cell]) -> GateRequest:
        tasks = tuple(map(self._task, dict.fromkeys(cell.decoding for cell in cells)))
        return GateRequest(
            checkpoint=checkpoint,
            baseline=checkpoint,
            arms=tuple(parse_arm(arm) for arm in dict.fromkeys(cell.arm for cell in cells)),
            tasks=tasks,
            suites=self._suites,
            policy=self._policy(tasks),
            places=self.places,
            max_model_len=self.definition.max_model_len,
            mongodb_uri=self.mongodb_uri,
            purpose=Purpose.SCORE,
            # What was exported has been merged.
            merge_into=MergeBase(cells[0].merge_into)
            if cells[0].export == AS_MERGED
            else MergeBase.AS_TRAINED,
        )

    @property
    def _suites(self) -> tuple[Suite, ...]:
        further = {Suite.FORGETTING: self.definition.probes, Suite.LATENCY: self.definition.waits}
        return (*_SCORED, *(suite for suite, is_asked in further.items() if is_asked))

    def _policy(self, tasks: Sequence[str]) -> Policy:
        """What is asked: also an arm that an adapter never saw, because what comes of it is a finding."""
        definition = self.definition
        policy = Policy(
            items=definition.items,
            seed=definition.seed,
            mismatch=OnMismatch.REPORT,
            forgetting=ForgettingPolicy(probes=definition.probes, items=definition.probe_items),
        )
        if not definition.waits:
            return policy
        # A user waits for the whole reply, so it is not cut short here.
        tasks_dir = self.places.tasks
        longest = max(load_task(find_task(name, tasks_dir=tasks_dir)).decoding.max_tokens for name in tasks)
        waits = LatencyPolicy(pairs=definition.waits, concurrency=1, max_tokens=longest)
        return replace(policy, latency=waits)

    def _task(self, decoding: str) -> str:
        if decoding == OWN_DECODING:
            return self.definition.task
        source = find_task(self.definition.task, tasks_dir=self.places.tasks)
        level = self.definition.decoding[decoding]
        return str(task_under(source, decoding, level, self.folder / "tasks"))


def rectangles(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Return the cells in blocks that are each all of some arms under all of some decodings.

    A gate asks every arm of every task, and what a skip rule left out must not be asked.
    """
    arms: dict[str, list[Cell]] = {}
    for cell in cells:
        arms.setdefault(cell.decoding, []).append(cell)
    blocks: dict[frozenset[str], list[Cell]] = {}
    for members in arms.values():
        blocks.setdefault(frozenset(cell.arm for cell in members), []).extend(members)
    return list(blocks.values())


def score_once(request: GateRequest, progress: Progress) -> GateFolder:
    """Return the finished gate that asked the same of the same content, else measure it or go on with it."""
    plan = prepare(request, progress)
    asked = plan.request
    latest = latest_attempt(request.places.results, plan_digest(plan.runs, asked.suites, asked.policy))
    if latest is not None and latest.is_complete and is_sound(latest):
        return latest
    return run_gate(request, progress).folder


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _trained_s(checkpoint: str) -> float | None:
    """Seconds that the training took, as the certificate beside the weights tells."""
    certificate = read_certificate(Path(checkpoint))
    return None if certificate is None else certificate.elapsed_s
