"""The folder of a finished gate -> its cells, item by item."""

from collections.abc import Sequence

from harness.domain.experiment import Cell, Hole, Measured, Outcome, ProbedItem, ScoredItem, Wait
from harness.domain.manifest import GateManifest
from harness.domain.response import GenerationFailure, Response
from harness.domain.run import ItemResult, RunKind, RunSpec
from harness.errors import StoreError
from harness.store.gate_folder import GateFolder


def outcome_of(cell: Cell, task: str, folder: GateFolder, *, trained_s: float | None = None) -> Outcome:
    """Return what the gate in `folder` measured of a cell, asked as `task`, with what its training took.

    A hole where more requests failed, for reasons that are not the model's, than the gate's
    policy takes.  Raises `StoreError` where the gate asked no such thing or holds no result.
    """
    run = _run(folder.manifest, RunKind.TASK, task, cell)
    results = folder.results(run.id)
    if len(results) < len(run.item_ids):
        raise StoreError(
            f"{folder.path} holds {len(results)} of {len(run.item_ids)} results of {run.id}: run the same "
            "command again"
        )
    for asked in (run, *_probe_runs(folder)):
        reason = too_many_failed(folder.results(asked.id), folder.manifest.policy.max_failed_share)
        if reason:
            return Hole(cell=cell, reason=reason)
    by_id = {each.item_id: each for each in results}
    return Measured(
        cell=cell,
        items=tuple(_scored(by_id[name]) for name in run.item_ids),
        checkpoint=run.candidate.checkpoint.label,
        checkpoint_digest=run.candidate.checkpoint.digest,
        gate=str(folder.path),
        measured_on=folder.manifest.created_at,
        waits=_waits(folder, task, cell),
        probes=_probes(folder),
        trained_s=trained_s,
    )


def is_sound(folder: GateFolder) -> bool:
    """Return whether a finished gate may answer again: in none of its runs too many requests failed."""
    share = folder.manifest.policy.max_failed_share
    return not any(too_many_failed(folder.results(run.id), share) for run in folder.manifest.runs)


def too_many_failed(results: Sequence[ItemResult], share: float) -> str:
    """Return why results must not be used, empty where they may be: more than `share` of them failed."""
    failed = [each.outcome for each in results if isinstance(each.outcome, GenerationFailure)]
    if len(failed) <= share * len(results):
        return ""
    first = failed[0]
    return f"{len(failed)} of {len(results)} requests failed, the first with {first.kind}: {first.message}"


def _run(manifest: GateManifest, kind: RunKind, task: str, cell: Cell) -> RunSpec:
    for run in manifest.runs:
        if run.kind is kind and run.subject == task and str(run.candidate.arm) == cell.arm:
            return run
    raise StoreError(f"gate {manifest.gate_id} has no run of {task} under {cell.arm}: run it again")


def _scored(result: ItemResult) -> ScoredItem:
    reply = result.outcome if isinstance(result.outcome, Response) else None
    return ScoredItem(
        item_id=result.item_id,
        cluster=result.cluster,
        target=result.scores["target"].value,
        schema=result.scores["schema"].value,
        failed=reply is None,
        prompt_tokens=None if reply is None else reply.prompt_tokens,
        completion_tokens=None if reply is None else reply.completion_tokens,
    )


def _probes(folder: GateFolder) -> tuple[ProbedItem, ...]:
    """What the checkpoint still knows, which no arm has a part in."""
    return tuple(
        ProbedItem(
            item_id=f"{run.subject}/{each.item_id}",
            cluster=f"{run.subject}/{each.cluster}",
            correct=each.scores["choice"].value,
        )
        for run in _probe_runs(folder)
        for each in folder.results(run.id)
    )


def _probe_runs(folder: GateFolder) -> list[RunSpec]:
    return [run for run in folder.manifest.runs if run.kind is RunKind.PROBE]


def _waits(folder: GateFolder, task: str, cell: Cell) -> tuple[Wait, ...]:
    if all(run.kind is not RunKind.LATENCY for run in folder.manifest.runs):
        return ()
    results = folder.results(_run(folder.manifest, RunKind.LATENCY, task, cell).id)
    timings = [each.outcome.timing for each in results if isinstance(each.outcome, Response)]
    return tuple(Wait(ttft_s=each.ttft_s, e2e_s=each.e2e_s) for each in timings if each is not None)
