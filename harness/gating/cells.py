"""A manifest and its results -> the table of scores, a row an item and a column a rung of the ladder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from harness.domain.arm import Arm, ArmKind
from harness.domain.decision import Holder, Rung
from harness.domain.manifest import GateManifest
from harness.domain.response import GenerationFailure
from harness.domain.run import ItemResult, RunKind, RunSpec, Side
from harness.errors import InvalidComparison, UnpairedRuns
from harness.gating.compare import require_all

ResultsOf = Callable[[str], Sequence[ItemResult]]
"""Gives the results of a run by its id."""

TARGET = "target"
SCHEMA = "schema"

HOLDER = {Side.BASELINE: Holder.BASE, Side.ANCHOR: Holder.STRONGER, Side.CANDIDATE: Holder.TUNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Rungs in the order of their cost, the scores of every item on each, and the items' sources.

    `valid` is the share of schema-valid replies, by rung.  `oracle` are the scores of the base
    with each item's perfect paragraph, which nobody can serve and so is no rung; None where it
    was not asked.
    """

    rungs: tuple[Rung, ...]
    scores: tuple[tuple[float, ...], ...]
    clusters: tuple[str, ...]
    valid: tuple[float, ...]
    oracle: tuple[float, ...] | None = None


def cells_of(manifest: GateManifest, results_of: ResultsOf) -> Cells:
    """Return every cell of the factorial, measured to the end on the same items.

    Raises `InvalidComparison` where no two can be compared, where replies are lacking for reasons
    that are not the model's, and `UnpairedRuns` where a cell is missing or has other items.
    """
    runs = sorted((run for run in manifest.runs if run.kind is RunKind.TASK), key=by_cost)
    _require_factorial(runs)
    found = {run.id: _measured(run, runs[0], results_of(run.id), manifest) for run in runs}
    items = runs[0].item_ids
    columns = {run.id: [found[run.id][item].scores[TARGET].value for item in items] for run in runs}
    perfect = [run for run in runs if run.candidate.arm.kind is ArmKind.ORACLE]
    oracle = next((tuple(columns[run.id]) for run in perfect if run.side is Side.BASELINE), None)
    runs = [run for run in runs if run not in perfect]
    return Cells(
        rungs=tuple(Rung(holder=HOLDER[run.side], arm=str(run.candidate.arm)) for run in runs),
        scores=tuple(zip(*(columns[run.id] for run in runs), strict=True)),
        clusters=tuple(found[runs[0].id][item].cluster for item in items),
        valid=tuple(_valid(found[run.id]) for run in runs),
        oracle=oracle,
    )


def by_cost(run: RunSpec) -> tuple[int, int, int, bool]:
    """Return what runs are sorted by: prompts of the base, then of a stronger model, then what was tuned."""
    arm = run.candidate.arm
    return list(Holder).index(HOLDER[run.side]), _cost_of(arm), arm.examples, arm.constrained


def _cost_of(arm: Arm) -> int:
    match arm.kind:
        case ArmKind.ZERO_SHOT:
            return 0
        case ArmKind.FEW_SHOT:
            return 1
        case ArmKind.RAG:
            return 2
        case ArmKind.CONTEXT:
            return 3
        case ArmKind.ORACLE:
            return 4
        case _:
            assert_never(arm.kind)


def _require_factorial(runs: Sequence[RunSpec]) -> None:
    by_arm: dict[str, set[Side]] = {}
    for run in runs:
        by_arm.setdefault(str(run.candidate.arm), set()).add(run.side)
    for arm, sides in by_arm.items():
        for side in (Side.BASELINE, Side.CANDIDATE):
            if side not in sides:
                raise UnpairedRuns(
                    f"the cell {HOLDER[side]} x {arm} is missing; run weighbridge decide anew with both "
                    "checkpoints under every arm"
                )
    if not by_arm:
        raise UnpairedRuns("no cell was planned; run weighbridge decide anew with tasks and arms")


def _measured(
    run: RunSpec, first: RunSpec, results: Sequence[ItemResult], manifest: GateManifest
) -> Mapping[str, ItemResult]:
    if run.item_ids != first.item_ids or not run.item_ids:
        raise UnpairedRuns(f"{run.id} was asked other items than {first.id}; run weighbridge decide anew")
    known = {result.item_id: result for result in results if TARGET in result.scores}
    require_all(known, run.item_ids, side=HOLDER[run.side], wanted=f"arm {run.candidate.arm}")
    failed = sum(isinstance(known[item].outcome, GenerationFailure) for item in run.item_ids)
    if failed > manifest.policy.max_failed_share * len(run.item_ids):
        raise InvalidComparison(
            f"{failed} of {len(run.item_ids)} requests of {HOLDER[run.side]} x {run.candidate.arm} got no "
            "reply for reasons that are not the model's; see the journal, mend the server and run again"
        )
    return known


def _valid(results: Mapping[str, ItemResult]) -> float:
    return sum(one.scores[SCHEMA].value for one in results.values() if SCHEMA in one.scores) / len(results)
