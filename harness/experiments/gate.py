"""The whole way through a gate: look up, plan, resume or begin, measure, decide, record."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.domain.manifest import FORMAT_VERSION, GateManifest
from harness.domain.verdict import GateVerdict, Status
from harness.errors import WarehouseError
from harness.experiments.environment import environment
from harness.experiments.history import earlier_looks
from harness.experiments.measure import GatePlan, measure
from harness.experiments.plan import plan_digest
from harness.experiments.prepare import prepare
from harness.experiments.progress import Progress, ended
from harness.experiments.replay import decided
from harness.experiments.request import GateRequest, Purpose
from harness.gating.gate import SERVERS_APART
from harness.store.gate_folder import GateFolder, latest_attempt
from harness.store.warehouse import ingest

ANSWERS, ASKED_ANEW = "answers", "asked anew, none from the cache"
"""Key and value in the environment of a gate that took nothing from earlier ones."""

_DECIDES_NOTHING = {
    Purpose.SCORE: "an evaluation alone decides nothing: run weighbridge gate with a baseline to decide",
    Purpose.NOISE: "a checkpoint against itself decides nothing: run weighbridge gate to decide",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """What a gate ended in, where it is recorded, and how much was not asked again."""

    folder: GateFolder
    verdict: GateVerdict
    resumed_items: int
    elapsed_s: float


def run_gate(request: GateRequest, progress: Progress) -> GateReport:
    """Return the verdict on `request.checkpoint`, measured now or resumed.

    A killed gate goes on where it stopped when the same request comes again; a finished
    one is begun anew as the next attempt.  What is not run to decide is INVALID by
    definition.
    """
    began_s = time.monotonic()
    with ended(progress):
        report = gated(prepare(request, progress), progress)
    return replace(report, elapsed_s=time.monotonic() - began_s)


def gated(plan: GatePlan, progress: Progress) -> GateReport:
    """Return the verdict on a plan, measured now or resumed."""
    began_s, request = time.monotonic(), plan.request
    with folder_of(plan) as folder:
        resumed = measure(plan, folder, progress)
        progress.say("deciding")
        verdict = _decide(folder, request.purpose)
        folder.finish(verdict)
    progress.say("recording")
    ingested(request.places.database, folder)
    return GateReport(
        folder=folder, verdict=verdict, resumed_items=resumed, elapsed_s=time.monotonic() - began_s
    )


def folder_of(plan: GatePlan) -> GateFolder:
    """Return the unfinished folder of the same plan, or a new one."""
    request = plan.request
    digest = digest_of(plan)
    latest = latest_attempt(request.places.results, digest)
    if latest is not None and not latest.is_complete:
        return latest
    attempt = 1 if latest is None else latest.manifest.attempt + 1
    return GateFolder.create(request.places.results, _manifest(plan, digest, attempt))


def digest_of(plan: GatePlan) -> str:
    """Return the digest that the same request on the same content has."""
    request = plan.request
    return plan_digest(plan.runs, request.suites, request.policy, request.ladder)


def _manifest(plan: GatePlan, digest: str, attempt: int) -> GateManifest:
    facts = environment()
    if plan.request.anew:
        facts[ANSWERS] = ASKED_ANEW
    if not plan.deployment.together:
        facts[SERVERS_APART] = (
            "memory holds only one of the servers, so the two sides ran in blocks one after the other and "
            "their waiting times cannot be compared; free memory or use a larger machine"
        )
    return GateManifest(
        format_version=FORMAT_VERSION,
        gate_id=f"{digest[:12]}-{attempt}",
        plan_digest=digest,
        attempt=attempt,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        policy=plan.request.policy,
        suites=plan.request.suites,
        runs=plan.runs,
        environment=facts,
        earlier=earlier_looks(plan.request.places.results, plan.runs),
        underpowered=plan.underpowered,
        provenance=plan.provenance,
        ladder=plan.request.ladder,
    )


def ingested(database: Path, folder: GateFolder) -> None:
    """Put the gate into the DuckDB file; where that fails, say that nothing has to be measured again."""
    try:
        ingest(database, folder)
    except WarehouseError as error:
        raise WarehouseError(
            f"{error}; the gate is finished all the same, and weighbridge verify {folder.path} "
            "gives its verdict"
        ) from error


def _decide(folder: GateFolder, purpose: Purpose) -> GateVerdict:
    if purpose in _DECIDES_NOTHING:
        return GateVerdict(status=Status.INVALID, reason=_DECIDES_NOTHING[purpose], verdicts=())
    return decided(folder)
