import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.domain.checkpoint import Endpoint
from harness.domain.conditions import together
from harness.domain.policy import LatencyPolicy, Load, Policy
from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.suite import Suite
from harness.domain.task import Task
from harness.domain.verdict import Status
from harness.engine.closed_loop import ClosedLoop
from harness.engine.open_loop import OpenLoop
from harness.engine.schedule import interleave, reply_work
from harness.engine.stop_watch import Gauges
from harness.engine.work import ReplyWork, Wiring
from harness.experiments.progress import Silent
from harness.experiments.replay import replay_gate
from harness.experiments.waits import Waits, counters_of, course_of, pace_of
from harness.gating.gate import decide
from harness.store.gate_folder import GateFolder
from tests.fakes.manifests import a_manifest
from tests.fakes.streams import HandClock, ScriptedStreams

PAIRS = 500


@dataclasses.dataclass(frozen=True)
class Planned:
    """A gate over waiting times, begun, and its work."""

    folder: GateFolder
    works: tuple[ReplyWork, ...]


@pytest.fixture
def planned(tmp_path: Path, a_task: Callable[..., Task], a_run: Callable[..., RunSpec]) -> Planned:
    task = a_task(items=PAIRS)
    names = [item.id for item in task.items]
    runs = [a_run(side, names, kind=RunKind.LATENCY) for side in (Side.BASELINE, Side.CANDIDATE)]
    manifest = a_manifest(
        gate_id="abc-1",
        policy=Policy(latency=LatencyPolicy(pairs=PAIRS, metrics=("e2e_s",))),
        suites=(Suite.LATENCY,),
        runs=runs,
    )
    sides = [reply_work(run, task, timed=True, max_tokens=4) for run in runs]
    works = tuple(work for work in interleave(sides) if isinstance(work, ReplyWork))
    return Planned(folder=GateFolder.create(tmp_path, manifest), works=works)


def wiring(clock: HandClock) -> Wiring:
    return Wiring(backends={}, retrievers={}, seed=7, clock=clock, watch=lambda: None, confirm=lambda: None)


def measured(planned: Planned, works: Sequence[ReplyWork], *, stalls: bool = False) -> None:
    """Measure works; with `stalls` the client stands still for 50 ms whenever it asks."""
    clock = HandClock()

    def reply(_request: object) -> tuple[float, ...]:
        (clock.stall_s if stalls else clock.pass_s)(0.05)
        return (0.1, 0.2, 0.3)

    streams = ScriptedStreams(reply)
    by_digest = dict.fromkeys((work.run.candidate.checkpoint.digest for work in works), streams)
    gauges = Gauges(ringing=clock, cpu=lambda: 0.0)
    waits = Waits(folder=planned.folder, progress=Silent(), gauges=gauges)
    asyncio.run(waits.record(works, wiring(clock), by_digest))


def finished(planned: Planned) -> tuple[Status, str]:
    folder = planned.folder
    with folder:
        verdict = decide(folder.manifest, folder.results, folder.conditions)
        folder.finish(verdict)
    assert replay_gate(folder.path).agrees
    return verdict.status, verdict.reason


def test_a_client_that_keeps_up_is_believed_and_the_verdict_is_the_same_offline(planned: Planned) -> None:
    measured(planned, planned.works)
    assert finished(planned)[0] is Status.PASSED


def test_a_client_that_stalls_makes_the_gate_invalid_and_the_verdict_is_the_same_offline(
    planned: Planned,
) -> None:
    measured(planned, planned.works, stalls=True)
    status, reason = finished(planned)
    assert status is Status.INVALID
    assert "the client itself was " in reason


def test_a_run_in_two_parts_is_believed_when_both_are(planned: Planned) -> None:
    measured(planned, planned.works[:300])
    measured(planned, planned.works[300:])
    assert finished(planned)[0] is Status.PASSED


def test_one_part_of_two_that_stalled_spoils_the_whole(planned: Planned) -> None:
    measured(planned, planned.works[:300])
    measured(planned, planned.works[300:], stalls=True)
    assert finished(planned)[0] is Status.INVALID


def test_results_whose_conditions_are_gone_are_not_believed(planned: Planned) -> None:
    measured(planned, planned.works)
    (path,) = planned.folder.path.glob("conditions-*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:]))
    status, reason = finished(planned)
    assert status is Status.INVALID
    assert "have no record of how well the client kept up" in reason


def test_conditions_answer_for_every_result_on_record(planned: Planned) -> None:
    measured(planned, planned.works)
    folder = planned.folder
    answered = together(folder.conditions(planned.works[0].run.pair)).answered
    assert answered == {run.id: len(folder.results(run.id)) for run in folder.manifest.runs}
    folder.close()


def test_the_policy_says_what_makes_requests_come() -> None:
    assert pace_of(LatencyPolicy(concurrency=5), 9) == ClosedLoop(concurrency=5)
    assert pace_of(LatencyPolicy(mode=Load.OPEN, rate_per_s=3.0), 9) == OpenLoop(rate_per_s=3.0, seed=9)


def test_the_warm_up_fills_every_slot_once_or_takes_two_seconds(planned: Planned) -> None:
    counts = [
        len(course_of(planned.works, pace, salt="").warm_up)
        for pace in (ClosedLoop(concurrency=5), OpenLoop(rate_per_s=3.0, seed=9))
    ]
    assert counts == [5, 6]
    planned.folder.close()


def test_servers_that_do_not_answer_tell_no_counters() -> None:
    assert counters_of([Endpoint(url="http://127.0.0.1:9/v1", model="m")])() == {}
    assert counters_of([])() == {}
