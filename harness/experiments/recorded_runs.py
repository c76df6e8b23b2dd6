"""The runs that the results folder holds on one task, each with its mean and its error."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.domain.response import Response
from harness.domain.run import ItemResult, RunKind, RunSpec
from harness.domain.task import Task
from harness.engine.perform import TARGET
from harness.stats.paired_scores import cluster_mean
from harness.store.gate_folder import GateFolder, find_gates
from training.preflight.facts import RecordedRun

_NORMAL_95 = 1.96
_FEWEST_SOURCES = 2


def recorded_runs(results: Path, task: Task) -> tuple[RecordedRun, ...]:
    """Return every finished run on exactly this content of the task, oldest first.

    A run with no score, or all of whose items share one source, tells nothing of its error
    and is left out.
    """
    return tuple(
        found
        for gate in find_gates(results)
        if gate.is_complete
        for run in gate.manifest.runs
        if run.kind is RunKind.TASK and run.subject_digest == task.digest
        for found in _recorded(gate, run, task)
    )


def _recorded(gate: GateFolder, run: RunSpec, task: Task) -> Iterator[RecordedRun]:
    scored = [result for result in gate.results(run.id) if TARGET in result.scores]
    clusters = [result.cluster for result in scored]
    if len(set(clusters)) < _FEWEST_SOURCES:
        return
    mean = cluster_mean([result.scores[TARGET].value for result in scored], clusters)
    temperature = gate.manifest.policy.temperature
    yield RecordedRun(
        gate_id=gate.manifest.gate_id,
        checkpoint=run.candidate.checkpoint.label,
        checkpoint_digest=run.candidate.checkpoint.digest,
        arm=run.candidate.arm,
        temperature=task.decoding.temperature if temperature is None else temperature,
        items=len(scored),
        answered=_answered(scored),
        mean=mean.value,
        half_width=_NORMAL_95 * mean.error,
    )


def _answered(results: Sequence[ItemResult]) -> int:
    return sum(isinstance(result.outcome, Response) for result in results)
