"""The folder of a gate or decision -> what its rungs cost, from journals and the training's certificate."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from harness.domain.arm import ArmKind
from harness.domain.cost import CostReport, Tariff, Training, Usage
from harness.domain.response import Response
from harness.domain.run import RunKind, RunSpec, Side
from harness.errors import UsageError
from harness.gating.cells import HOLDER, by_cost
from harness.gating.cost import cost_report
from harness.gating.usage import usage_of
from harness.store.gate_folder import GateFolder, find_gates
from training.certificate import Certificate, read_certificate


def run_cost(path: Path, tariff: Tariff, *, task: str | None) -> CostReport:
    """Return what every rung measured in the folder `path` costs; nothing is asked of any model.

    Raises `UsageError` where the folder asked about no task, or about several and none is named.
    """
    folder = GateFolder.open(path)
    runs = _runs(folder, task)
    waits = tuple(_timed_gates(folder))
    usages = [_usage(folder, run, tariff, waits) for run in runs]
    servers = folder.servers()
    return cost_report(usages, tariff, _training(runs, tariff, servers), request_s=_request_s(servers))


def _runs(folder: GateFolder, task: str | None) -> tuple[RunSpec, ...]:
    """The runs of one task, each side under each arm once, but for arms that nobody could serve."""
    asked = [run for run in folder.manifest.runs if run.kind is RunKind.TASK and _can_be_served(run)]
    tasks = tuple(dict.fromkeys(run.subject for run in asked))
    if task is None and len(tasks) > 1:
        raise UsageError(f"{folder.path} asked about {', '.join(tasks)}: name one with --task")
    named = task or next(iter(tasks), None)
    found = {(run.side, str(run.candidate.arm)): run for run in asked if run.subject == named}
    if not found:
        about = ", ".join(tasks) or "no task"
        raise UsageError(
            f"{folder.path} asked about {about}: give the folder of a gate or decision on {task}"
        )
    return tuple(sorted(found.values(), key=by_cost))


def _can_be_served(run: RunSpec) -> bool:
    return run.candidate.arm.kind is not ArmKind.ORACLE


def _usage(folder: GateFolder, run: RunSpec, tariff: Tariff, waits: Sequence[GateFolder]) -> Usage:
    who = HOLDER[run.side] if folder.manifest.ladder is not None else run.side
    name = f"{who} x {run.candidate.arm}"
    return usage_of(run, folder.results(run.id), tariff, name=name, wait_s=_wait_s(run, waits))


def _timed_gates(folder: GateFolder) -> Iterator[GateFolder]:
    """The gates beside this one, itself included, that took waiting times."""
    for gate in find_gates(folder.path.resolve().parent.parent):
        if any(run.kind is RunKind.LATENCY for run in gate.manifest.runs):
            yield gate


def _wait_s(run: RunSpec, gates: Sequence[GateFolder]) -> float | None:
    """The median wait for a whole answer of the same checkpoint under the same arm, the latest taken."""
    same = (run.candidate.checkpoint.digest, run.candidate.arm, run.subject_digest)
    for gate in reversed(gates):
        for other in gate.manifest.runs:
            key = (other.candidate.checkpoint.digest, other.candidate.arm, other.subject_digest)
            if other.kind is RunKind.LATENCY and key == same:
                waits = [
                    result.outcome.timing.e2e_s
                    for result in gate.results(other.id)
                    if isinstance(result.outcome, Response) and result.outcome.timing is not None
                ]
                if waits:
                    return median(waits)
    return None


def _training(runs: Sequence[RunSpec], tariff: Tariff, servers: object) -> Training:
    certificate = next((found for run in runs for found in _certificates(run)), None)
    training_s = None if certificate is None else certificate.elapsed_s
    cost = tariff.training
    if cost is None and training_s is not None and tariff.gpu_second:
        cost = training_s * tariff.gpu_second
    return Training(cost=cost, training_s=training_s, measuring_s=_number(servers, "measuring_s"))


def _certificates(run: RunSpec) -> Iterator[Certificate]:
    checkpoint = run.candidate.checkpoint
    folder = checkpoint.adapter or checkpoint.weights
    if run.side is Side.CANDIDATE and folder is not None:
        found = read_certificate(folder)
        if found is not None:
            yield found


def _request_s(servers: object) -> float | None:
    """The mean time of a request that was really asked, others in flight beside it."""
    requests, took_s = _number(servers, "requests"), _number(servers, "measuring_s")
    return took_s / requests if requests and took_s is not None else None


def _number(servers: object, name: str) -> float | None:
    found = servers.get(name) if isinstance(servers, dict) else None
    return float(found) if isinstance(found, int | float) else None
