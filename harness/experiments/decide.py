"""The whole way to a decision: look up, plan, resume or begin, measure, decide on the ladder, record."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from harness.domain.decision import Decision, Ruling
from harness.domain.verdict import GateVerdict, Status
from harness.experiments.finals import finals_gate, require_finals
from harness.experiments.gate import digest_of, folder_of, ingested
from harness.experiments.measure import GatePlan, measure
from harness.experiments.plan import plan_digest
from harness.experiments.prepare import prepare
from harness.experiments.progress import Progress, ended
from harness.experiments.replay import decided_again
from harness.experiments.request import GateRequest
from harness.gating.decision import decide_ladder
from harness.gating.finals import finalists, with_finals
from harness.store.gate_folder import GateFolder, find_gates


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReport:
    """A decision, where it is recorded, and how many item results had been there before."""

    folder: GateFolder
    decision: Decision
    resumed_items: int
    elapsed_s: float


def run_decision(
    request: GateRequest, progress: Progress, *, finals: GateRequest | None = None
) -> DecisionReport:
    """Return the decision that `request` of the ladder asks for, measured now, resumed, or known.

    `finals` is the gate of the finalists, where the terms ask for one; whether it can be asked at all
    is found out first.
    """
    began_s = time.monotonic()
    with ended(progress):
        if finals is not None:
            require_finals(finals, progress)
        folder, resumed = carried_out(prepare(request, progress), progress, finals=finals)
    return DecisionReport(
        folder=folder,
        decision=decided_again(folder),
        resumed_items=resumed,
        elapsed_s=time.monotonic() - began_s,
    )


def carried_out(
    plan: GatePlan, progress: Progress, *, finals: GateRequest | None = None
) -> tuple[GateFolder, int]:
    """Return the finished folder of a plan, and how many replies were known before.

    What was decided before on the same content is found again, and for other terms decided anew
    from the same replies; nothing is asked.  An endpoint has no content to go by, and is always
    asked.  A decision that was INVALID is measured anew.
    """
    finished = () if _asks_an_endpoint(plan) else tuple(_finished(plan))
    for folder in finished:
        if folder.manifest.plan_digest == digest_of(plan):
            return folder, sum(len(run.item_ids) for run in plan.runs)
    with folder_of(plan) as folder:
        if finished:
            _copy(finished[0], folder)
        resumed = measure(plan, folder, progress)
        progress.say("deciding")
        decision = decide_ladder(folder.manifest, folder.results)
        if finals is not None and finalists(decision) is not None:
            gate = finals_gate(finals, decision, progress)
            decision = with_finals(decision, folder.manifest, gate.manifest, gate.verdict())
        folder.write_decision(decision)
        folder.finish(_no_gate(decision))
    progress.say("recording")
    ingested(plan.request.places.database, folder)
    return folder, resumed


def _asks_an_endpoint(plan: GatePlan) -> bool:
    return any(checkpoint.endpoint is not None for checkpoint in plan.checkpoints)


def _finished(plan: GatePlan) -> Iterator[GateFolder]:
    """The usable decisions that measured the same, whatever their terms, the latest first."""
    request = plan.request
    measured = plan_digest(plan.runs, request.suites, request.policy)
    for gate in reversed(find_gates(request.places.results)):
        found = gate.manifest
        if (
            gate.is_complete
            and found.ladder is not None
            and plan_digest(found.runs, found.suites, found.policy) == measured
            and gate.decision().ruling is not Ruling.INVALID
        ):
            yield gate


def _copy(earlier: GateFolder, folder: GateFolder) -> None:
    """Let a folder begin with what an earlier one measured, where it has nothing of its own."""
    for run in folder.manifest.runs:
        if not folder.results(run.id):
            with folder.journal(run.id) as journal:
                journal.extend(earlier.results(run.id))
    if not folder.servers():
        folder.write_servers(earlier.servers())


def _no_gate(decision: Decision) -> GateVerdict:
    """A decision lets no checkpoint pass; the same folder read as a gate says so."""
    return GateVerdict(
        status=Status.INVALID,
        reason=f"a decision on the ladder and no gate ({decision.ruling}: {decision.reason})",
        verdicts=(),
    )
