"""The whole way to a decision: look up, plan, resume or begin, measure, decide on the ladder, record."""

import time
from dataclasses import dataclass

from harness.domain.decision import Decision, Ruling
from harness.domain.verdict import GateVerdict, Status
from harness.experiments.gate import digest_of, folder_of, ingested
from harness.experiments.measure import GatePlan, measure
from harness.experiments.prepare import prepare
from harness.experiments.progress import Progress, ended
from harness.experiments.request import GateRequest
from harness.gating.decision import decide_ladder
from harness.store.gate_folder import GateFolder, latest_attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReport:
    """A decision, where it is recorded, and how many item results had been there before."""

    folder: GateFolder
    decision: Decision
    resumed_items: int
    elapsed_s: float


def run_decision(request: GateRequest, progress: Progress) -> DecisionReport:
    """Return the decision that `request` of the ladder asks for, measured now, resumed, or known.

    What was decided before on the same content is decided again from its journals and nothing
    is asked; an endpoint has no content to go by, and is always asked.
    """
    began_s = time.monotonic()
    with ended(progress):
        plan = prepare(request, progress)
        known = _known(plan)
        folder, resumed = known or _measured(plan, progress)
    decision = decide_ladder(folder.manifest, folder.results)
    return DecisionReport(
        folder=folder, decision=decision, resumed_items=resumed, elapsed_s=time.monotonic() - began_s
    )


def _known(plan: GatePlan) -> tuple[GateFolder, int] | None:
    """The folder of the same plan, where it holds a decision that its numbers could carry."""
    if any(checkpoint.endpoint is not None for checkpoint in plan.checkpoints):
        return None
    latest = latest_attempt(plan.request.places.results, digest_of(plan))
    if latest is None or not latest.is_complete or latest.decision().ruling is Ruling.INVALID:
        return None
    return latest, sum(len(run.item_ids) for run in plan.runs)


def _measured(plan: GatePlan, progress: Progress) -> tuple[GateFolder, int]:
    with folder_of(plan) as folder:
        resumed = measure(plan, folder, progress)
        progress.say("deciding")
        decision = decide_ladder(folder.manifest, folder.results)
        folder.write_decision(decision)
        folder.finish(_no_gate(decision))
    progress.say("recording")
    ingested(plan.request.places.database, folder)
    return folder, resumed


def _no_gate(decision: Decision) -> GateVerdict:
    """A decision lets no checkpoint pass; the same folder read as a gate says so."""
    return GateVerdict(
        status=Status.INVALID,
        reason=f"a decision on the ladder and no gate ({decision.ruling}: {decision.reason})",
        verdicts=(),
    )
