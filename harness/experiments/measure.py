"""Carries a plan out: every result goes into its run's journal before it counts."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.backends import event_loop
from harness.backends.openai_http import HttpSettings, http_session
from harness.domain.arm import ArmKind
from harness.domain.checkpoint import Checkpoint
from harness.domain.provenance import Provenance
from harness.domain.run import RunKind, RunSpec
from harness.domain.task import Probe, Task
from harness.engine.caching import Caching
from harness.engine.schedule import choice_work, in_blocks, in_rounds, interleave, reply_work
from harness.engine.stop_watch import Gauges
from harness.engine.work import ReplyWork, Wiring, Work
from harness.errors import StoreError
from harness.experiments.answering import answering
from harness.experiments.plan import Subjects
from harness.experiments.progress import Progress
from harness.experiments.record import Bench, record
from harness.experiments.request import GateRequest
from harness.experiments.waits import Waits, counters_of
from harness.experiments.wiring import Retrievers, Serving, evidence, gold_stores, serving
from harness.gating.referee import Referee
from harness.prompting.retrieval import Retriever
from harness.store.gate_folder import GateFolder
from harness.store.response_cache import ResponseCache
from serving.deployment import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePlan:
    """A request made concrete: what is asked of whom, on which servers."""

    request: GateRequest
    subjects: Subjects
    runs: tuple[RunSpec, ...]
    deployment: Deployment
    underpowered: Mapping[str, str] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Every checkpoint that is asked anything, once."""
        return tuple(
            {run.candidate.checkpoint.digest: run.candidate.checkpoint for run in self.runs}.values()
        )


def measure(plan: GatePlan, folder: GateFolder, progress: Progress) -> int:
    """Measure what the journals in `folder` lack; return how many items they held already.

    Starts nothing when nothing is lacking or all questions are answered.  Raises
    `ServerDied` when a server ends, and `StoreError` when a request left no result; what was
    answered until then is in the journals.
    """
    recorded = [result for run in plan.runs for result in folder.results(run.id)]
    done = {(result.run_id, result.item_id) for result in recorded}
    referee = Referee(folder.manifest)
    referee.recall(recorded)
    works = planned_work(plan)
    lacking = tuple(work for work in works if (work.run.id, work.item_id) not in done)
    wanted = tuple(work for work in lacking if work.run.pair not in referee.closed)
    if wanted:
        progress.begin("items", total=len(done) + len(wanted), done=len(done))
        bench = Bench(folder, referee, progress)
        with gold_stores(_retrieving(plan), plan.request.mongodb_uri, plan.request.places) as retrievers:
            _serve_and_measure(plan, wanted, bench, retrievers)
        progress.end()
        _require_recorded([work for work in wanted if work.run.pair not in referee.closed], folder)
    return len(done)


def _require_recorded(works: Sequence[Work], folder: GateFolder) -> None:
    """Refuse to go on to a verdict where a request that was wanted to the end left no result."""
    runs = {work.run.id for work in works}
    recorded = {(name, result.item_id) for name in runs for result in folder.results(name)}
    lost = [work for work in works if (work.run.id, work.item_id) not in recorded]
    if lost:
        raise StoreError(
            f"{len(lost)} of {len(works)} requests left no result, first {lost[0].item_id!r} of "
            f"{lost[0].run.id}: run the same command again, it asks what is missing"
        )


def planned_work(plan: GatePlan) -> tuple[Work, ...]:
    """Return all the work of a plan: an item of every pair of runs in turn, its sides interleaved.

    A question that is lost anywhere is then seen early, which is what lets a gate end there.
    """
    pairs = dict.fromkeys(run.pair for run in plan.runs)
    return in_rounds([_pair_work(plan, pair) for pair in pairs])


def _pair_work(plan: GatePlan, pair: str) -> tuple[Work, ...]:
    return interleave([_run_work(plan, run) for run in plan.runs if run.pair == pair])


def _run_work(plan: GatePlan, run: RunSpec) -> tuple[Work, ...]:
    if run.kind is RunKind.PROBE:
        return choice_work(run, _probe(plan, run))
    timed = run.kind is RunKind.LATENCY
    limit = plan.request.policy.latency.max_tokens if timed else None
    return reply_work(run, _task(plan, run), timed=timed, max_tokens=limit)


def _task(plan: GatePlan, run: RunSpec) -> Task:
    return next(task for task in plan.subjects.tasks if task.name == run.subject)


def _probe(plan: GatePlan, run: RunSpec) -> Probe:
    return next(probe for probe in plan.subjects.probes if probe.name == run.subject)


def _retrieving(plan: GatePlan) -> tuple[Task, ...]:
    """The tasks of which some run retrieves examples."""
    names = {run.subject for run in plan.runs if run.candidate.arm.kind is ArmKind.RAG}
    return tuple(task for task in plan.subjects.tasks if task.name in names)


def _serve_and_measure(plan: GatePlan, works: tuple[Work, ...], bench: Bench, retrievers: Retrievers) -> None:
    """One block with all servers up, or one block after another where memory is short."""
    together = plan.deployment.together
    for block in (works,) if together else in_blocks(works):
        digests = {work.run.candidate.checkpoint.digest for work in block}
        members = tuple(each for each in plan.checkpoints if each.digest in digests)
        names = {each.served_name for each in members}
        specs = tuple(spec for spec in plan.deployment.servers if names & set(spec.models))
        with serving(members, specs, plan.request.places, bench.progress) as up:
            bench.progress.say("waiting for the gold store")
            found = retrievers()
            bench.progress.say("measuring")
            pace = event_loop.run(_measure_block(plan, block, bench, up, found))
            bench.folder.write_servers({**evidence(up, plan.deployment), **pace})


async def _measure_block(
    plan: GatePlan,
    block: Sequence[Work],
    bench: Bench,
    up: Serving,
    retrievers: Mapping[str, Retriever],
) -> dict[str, float]:
    """Replies and choices first, as many at once as the server takes; waiting times after, alone.

    Returns how long the former took, how many were asked for, and how many were known before.
    """
    settings = HttpSettings()
    timed = tuple(work for work in block if isinstance(work, ReplyWork) and work.timed)
    untimed = tuple(work for work in block if not (isinstance(work, ReplyWork) and work.timed))
    async with http_session(settings) as session:
        answers = answering(up, session, settings, concurrency=plan.request.concurrency)
        wiring = Wiring(
            backends=answers.backends,
            retrievers=retrievers,
            seed=plan.request.policy.seed,
            clock=time.perf_counter,
            watch=up.check,
            confirm=up.confirm,
            closed=bench.referee.closed,
        )
        began_s = time.monotonic()
        with ResponseCache(plan.request.places.cache / "responses" / "answers.sqlite") as kept:
            caching = Caching(kept, _engines(plan, up))
            count = await record(untimed, replace(wiring, caching=caching), bench, answers.concurrency)
        pace = {
            "measuring_s": time.monotonic() - began_s,
            "requests": count - caching.answered,
            "known_before": caching.answered,
        }
        if timed:
            bench.progress.say("measuring waiting times")
            gauges = Gauges(counters=counters_of(up.endpoints.values()))
            waits = Waits(folder=bench.folder, progress=bench.progress, gauges=gauges)
            await waits.record(timed, wiring, answers.streams)
    return pace


def _engines(plan: GatePlan, up: Serving) -> dict[str, str]:
    """The engine behind every checkpoint whose digest is one of content, and not of an address.

    None where everything is to be asked anew: what has no engine is not answered from the cache.
    """
    if plan.request.anew:
        return {}
    return {each.digest: up.engine for each in plan.checkpoints if each.endpoint is None}
