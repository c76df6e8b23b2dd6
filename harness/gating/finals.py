"""The other suites on the finalists: the tuned rung that was chosen, the best prompt of the base; pure."""

from collections.abc import Iterator
from dataclasses import replace

from harness.domain.decision import Decision, Finals, FinalVerdict, Holder, Ruling, Rung
from harness.domain.manifest import GateManifest
from harness.domain.policy import Role
from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status
from harness.errors import InvalidComparison

FINAL_SUITES = (Suite.SCHEMA_VALIDITY, Suite.FORGETTING, Suite.LATENCY)
"""What the ladder does not decide on; it decides on the target metric."""

_RULINGS = {
    Status.REGRESSED: Ruling.DO_NOT_TRAIN,
    Status.INCONCLUSIVE: Ruling.INCONCLUSIVE,
    Status.INVALID: Ruling.INVALID,
}


def finalists(decision: Decision) -> tuple[Rung, Rung] | None:
    """Return the tuned rung and the best prompt of the base, None unless training has earned its place."""
    if decision.ruling is not Ruling.TRAIN:
        return None
    return decision.stands_on or _best(decision, Holder.TUNED), _best(decision, Holder.BASE)


def with_finals(
    decision: Decision, ladder: GateManifest, gate: GateManifest, verdict: GateVerdict
) -> Decision:
    """Return what a decision to train becomes by the verdict of the gate of its finalists.

    It stands where they pass.  A regression forbids training, and what is INCONCLUSIVE or INVALID
    makes the decision so.  Raises `InvalidComparison` where the gate is of others than the finalists,
    or of other suites.
    """
    pair = finalists(decision)
    if pair is None:
        raise InvalidComparison(f"a decision that says {decision.ruling} has no finalists: ask none")
    _require_same(pair, ladder, gate)
    finals = Finals(
        gate_id=gate.gate_id,
        tuned=pair[0],
        base=pair[1],
        status=verdict.status,
        reason=verdict.reason,
        verdicts=tuple(
            FinalVerdict(
                suite=each.suite,
                subject=each.subject,
                status=each.status,
                reason=each.reason,
                counts=each.role is Role.GATE and each.waiver is None,
            )
            for each in verdict.verdicts
        ),
    )
    decision = replace(decision, finals=finals, notes=tuple(dict.fromkeys((*decision.notes, *verdict.notes))))
    return decision if verdict.status is Status.PASSED else _overruled(decision, finals)


def _overruled(decision: Decision, finals: Finals) -> Decision:
    return replace(
        decision,
        ruling=_RULINGS[finals.status],
        reason=(
            f"by its score {finals.tuned} has earned its place, but against {finals.base} the other suites "
            f"are {finals.status}: {finals.reason}"
        ),
        stands_on=None,
        would_change=tuple(_would_change(finals)),
    )


def _would_change(finals: Finals) -> Iterator[str]:
    failing = _failing(finals)
    if finals.status is Status.INCONCLUSIVE:
        yield f"more items for {failing}, by which it may yet pass"
    yield f"a fine-tuned checkpoint that passes {failing} as well"


def _best(decision: Decision, holder: Holder) -> Rung:
    own = (each for each in decision.rungs if each.rung.holder is holder)
    return max(own, key=lambda each: each.score).rung


def _failing(finals: Finals) -> str:
    blocking = (each for each in finals.verdicts if each.counts and each.status is finals.status)
    found = (f"{each.suite} on {each.subject}" for each in blocking)
    return " and ".join(dict.fromkeys(found)) or "the other suites"


def _require_same(pair: tuple[Rung, Rung], ladder: GateManifest, gate: GateManifest) -> None:
    """Refuse a gate that weighed others, or left a suite out."""
    missing = [suite for suite in FINAL_SUITES if suite not in gate.suites]
    if missing:
        raise InvalidComparison(f"gate {gate.gate_id} did not ask {missing[0]}: run the same decision again")
    for side, rung in zip((Side.CANDIDATE, Side.BASELINE), pair, strict=True):
        digests = {run.candidate.checkpoint.digest for run in _of(ladder, side)}
        for run in _of(gate, side):
            is_asked_so = run.kind is RunKind.PROBE or str(run.candidate.arm) == rung.arm
            if run.candidate.checkpoint.digest not in digests or not is_asked_so:
                raise InvalidComparison(
                    f"gate {gate.gate_id} weighed {run.candidate} as its {side}, and the finalist is {rung}: "
                    "run the same decision again"
                )


def _of(manifest: GateManifest, side: Side) -> tuple[RunSpec, ...]:
    return tuple(run for run in manifest.runs if run.side is side)
