"""The gate of a decision's finalists: asked for, checked before anything is measured, and carried out."""

from dataclasses import replace

from harness.domain.arm import ArmKind, parse_arm
from harness.domain.decision import Decision
from harness.domain.policy import OnMismatch
from harness.domain.verdict import Status
from harness.errors import InvalidComparison
from harness.experiments.gate import digest_of, gated
from harness.experiments.prepare import prepare
from harness.experiments.progress import Progress
from harness.experiments.request import GateRequest, Purpose
from harness.gating.finals import FINAL_SUITES, finalists
from harness.store.gate_folder import GateFolder, latest_attempt


def finals_request(request: GateRequest) -> GateRequest:
    """Return the gate of the other suites that `request`, of a decision, is to be followed by.

    What is too small to pass is measured all the same, so that the ladder is not measured in vain; and
    an arm that the checkpoint never saw in training is asked, as on the ladder.
    """
    return replace(
        request,
        suites=FINAL_SUITES,
        policy=replace(request.policy, mismatch=OnMismatch.REPORT),
        purpose=Purpose.DECIDE,
        allow_underpowered=True,
    )


def require_finals(request: GateRequest, progress: Progress) -> None:
    """Return nothing; raise whatever would keep the gate from being asked, before anything is measured."""
    servable = tuple(arm for arm in request.arms if arm.kind is not ArmKind.ORACLE)
    prepare(replace(request, arms=servable[:1]), progress)


def finals_gate(request: GateRequest, decision: Decision, progress: Progress) -> GateFolder:
    """Return the finished gate of a decision's finalists: found again, resumed, or measured now.

    An endpoint has no content to go by and is always asked, and what was INVALID is measured anew.
    """
    pair = finalists(decision)
    if pair is None:
        raise InvalidComparison(f"a decision that says {decision.ruling} has no finalists: ask none")
    tuned, base = pair
    plan = prepare(replace(request, arms=(parse_arm(tuned.arm),), baseline_arm=parse_arm(base.arm)), progress)
    known = latest_attempt(request.places.results, digest_of(plan))
    is_local = all(checkpoint.endpoint is None for checkpoint in plan.checkpoints)
    if known is not None and is_local and known.is_complete and known.verdict().status is not Status.INVALID:
        return known
    return gated(plan, progress).folder
