"""Times one checkpoint alone at the loads it is asked for; decides nothing."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from harness.backends import event_loop
from harness.backends.openai_http import HttpSettings, OpenAiBackend, http_session
from harness.config.task_folder import find_task, load_task
from harness.domain.arm import Arm, ArmKind
from harness.domain.checkpoint import Checkpoint
from harness.domain.conditions import Conditions, together
from harness.domain.objective import Objective
from harness.domain.policy import LatencyPolicy, Policy
from harness.domain.run import Candidate, RunKind, RunSpec, Side
from harness.domain.task import Task
from harness.engine.closed_loop import ClosedLoop
from harness.engine.open_loop import OpenLoop
from harness.engine.schedule import reply_work
from harness.engine.seeds import derived_seed
from harness.engine.stop_watch import Gauges, Pace, time_course
from harness.engine.timed import TimedReply
from harness.engine.work import ReplyWork, Wiring
from harness.experiments.latency_summary import LatencySummary, summarise
from harness.experiments.plan import latency_items
from harness.experiments.prepare import servable
from harness.experiments.progress import Progress, ended
from harness.experiments.request import Places
from harness.experiments.waits import counters_of, course_of
from harness.experiments.wiring import Retrievers, Serving, gold_stores, serving
from harness.gating.instrument import limits_of
from serving.deployment import plan_deployment
from serving.hardware import hardware

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRequest:
    """Time `requests` replies of `checkpoint` to a task under an arm, cut at `max_tokens`.

    A search for a rate counts one as carried when `goodput` of its requests met the objective.
    """

    checkpoint: str
    arm: Arm
    task: str
    places: Places
    requests: int = 500
    max_tokens: int = 32
    objective: Objective
    goodput: float = 0.99
    seed: int = 0
    max_model_len: int = 8192
    mongodb_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """What was measured at one load."""

    pace: Pace
    summary: LatencySummary


def run_latency(request: LatencyRequest, pace: Pace, progress: Progress) -> Timed:
    """Return the waiting times of a checkpoint at one load."""

    async def once(stand: Stand) -> Timed:
        return await stand.timed(pace)

    return on_stand(request, once, progress)


def on_stand(request: LatencyRequest, body: Callable[["Stand"], Awaitable[_T]], progress: Progress) -> _T:
    """Return what `body` returns of the checkpoint, which is served while it runs."""
    with _set_up(request, progress) as parts:
        return event_loop.run(_on(parts, body))


def pace_asked(*, concurrency: int, rate_per_s: float | None, seed: int) -> Pace:
    """Return an open loop where a rate is asked for, otherwise a closed one."""
    if rate_per_s is None:
        return ClosedLoop(concurrency=concurrency)
    return OpenLoop(rate_per_s=rate_per_s, seed=derived_seed(seed, "arrivals"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    request: LatencyRequest
    checkpoint: Checkpoint
    task: Task
    up: Serving
    retrievers: Retrievers
    progress: Progress


class Stand:
    """A checkpoint that is served, and the client that times it, as often as is asked for."""

    def __init__(self, parts: _Parts, wiring: Wiring, backend: OpenAiBackend) -> None:
        """Take what was set up, and who answers."""
        self._parts = parts
        self._wiring = wiring
        self._streams = {parts.checkpoint.digest: backend}
        self._turn = 0

    async def timed(self, pace: Pace, *, requests: int | None = None) -> Timed:
        """Return the waiting times at one load, of `requests` replies or as many as were asked for."""
        replies, conditions = await self._measured(pace, requests, misses=None)
        return Timed(pace=pace, summary=summarise(replies, conditions, self._parts.request.objective))

    async def tried(self, pace: Pace) -> Timed:
        """Return whether a load is carried: it is given up as soon as too many replies were no good.

        What has to be known of the clock is whether waits were within the objective, and its
        own error is held against that.
        """
        request = self._parts.request
        misses = math.floor((1 - request.goodput) * request.requests + 1e-9)
        replies, conditions = await self._measured(pace, None, misses=misses)
        limits = limits_of([reply.result for reply in replies], request.objective)
        return Timed(pace=pace, summary=summarise(replies, conditions, request.objective, limits))

    async def _measured(
        self, pace: Pace, requests: int | None, *, misses: int | None
    ) -> tuple[list[TimedReply], Conditions]:
        self._turn += 1
        request, progress = self._parts.request, self._parts.progress
        # A salt of its own: what an earlier turn or run asked must not be in the prefix cache.
        salt = f"{time.time_ns()}/{self._turn}"
        course = course_of(_works(self._parts)[:requests], pace, salt=salt)
        gauges = Gauges(counters=counters_of(self._parts.up.endpoints.values()))
        replies: list[TimedReply] = []
        conditions: list[Conditions] = []
        missed = 0
        progress.begin("requests", total=len(course.works), done=0)
        async with aclosing(time_course(course, self._wiring, self._streams, gauges)) as stretches:
            async for stretch in stretches:
                conditions.append(stretch.conditions)
                replies += stretch.replies
                for reply in stretch.replies:
                    missed += not request.objective.met_by(reply.result.outcome)
                    # One at a time, so that the streams that are still coming are read in between.
                    await asyncio.sleep(0)
                progress.advance(*(reply.result for reply in stretch.replies))
                if misses is not None and missed > misses:
                    break
        return replies, together(conditions)


async def _on(parts: _Parts, body: Callable[[Stand], Awaitable[_T]]) -> _T:
    async with _client(parts) as stand:
        return await body(stand)


@asynccontextmanager
async def _client(parts: _Parts) -> AsyncIterator[Stand]:
    settings = HttpSettings()
    async with http_session(settings) as session:
        endpoint = parts.up.endpoints[parts.checkpoint.digest]
        backend = OpenAiBackend(endpoint, session, settings)
        wiring = Wiring(
            backends={parts.checkpoint.digest: backend},
            retrievers=parts.retrievers(),
            seed=parts.request.seed,
            clock=time.perf_counter,
            watch=parts.up.check,
            confirm=parts.up.confirm,
        )
        yield Stand(parts, wiring, backend)


@contextmanager
def _set_up(request: LatencyRequest, progress: Progress) -> Iterator[_Parts]:
    """Look everything up, serve it and fill the gold store."""
    places = request.places
    with ended(progress):
        task = load_task(find_task(request.task, tasks_dir=places.tasks))
        machine = hardware()
        found = servable(
            request.checkpoint,
            cache=places.cache,
            machine=machine,
            max_model_len=request.max_model_len,
            progress=progress,
        )
        specs = plan_deployment([found], machine).servers
        retrieving = (task,) if request.arm.kind is ArmKind.RAG else ()
        with (
            gold_stores(retrieving, request.mongodb_uri, places) as retrievers,
            serving([found], specs, places, progress) as up,
        ):
            progress.say("measuring waiting times")
            yield _Parts(
                request=request,
                checkpoint=found,
                task=task,
                up=up,
                retrievers=retrievers,
                progress=progress,
            )


def _works(parts: _Parts) -> tuple[ReplyWork, ...]:
    request, task = parts.request, parts.task
    policy = Policy(seed=request.seed, latency=LatencyPolicy(pairs=request.requests))
    run = RunSpec(
        id=f"latency.{task.name}.{request.arm}",
        pair=f"latency.{task.name}.{request.arm}",
        kind=RunKind.LATENCY,
        side=Side.CANDIDATE,
        candidate=Candidate(checkpoint=parts.checkpoint, arm=request.arm),
        subject=task.name,
        subject_digest=task.digest,
        item_ids=latency_items(tuple(item.id for item in task.items), policy),
    )
    works = reply_work(run, task, timed=True, max_tokens=request.max_tokens)
    return tuple(work for work in works if isinstance(work, ReplyWork))
