"""Timed works -> stretches of results, each with the conditions it was measured under."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from msgspec import structs

from harness.domain.conditions import Conditions
from harness.domain.response import FailureKind, GenerationFailure
from harness.engine.alarm import Alarm, alarm
from harness.engine.closed_loop import ClosedLoop
from harness.engine.heap import heap_at_rest
from harness.engine.open_loop import OpenLoop
from harness.engine.self_watch import SelfWatch
from harness.engine.timed import Asked, Asker, Streams, TimedReply, TimedWork, read
from harness.engine.work import ReplyWork, Wiring

WATCH_S = 0.5

Pace: TypeAlias = ClosedLoop | OpenLoop
Counters: TypeAlias = Callable[[], Mapping[str, float]]
"""Asks the servers what they count by name; nothing where they tell nothing."""

CACHE_QUERIES, CACHE_HITS = "vllm:prefix_cache_queries", "vllm:prefix_cache_hits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Timed works in the order they are begun, after those that only warm up.

    `salt` keeps the prompts of one measurement apart from those of another.
    """

    works: tuple[ReplyWork, ...]
    warm_up: tuple[ReplyWork, ...]
    pace: Pace
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """What a client reads about itself and the servers.

    `cpu` gives the CPU seconds of the calling thread.  A stretch is cut every `stretch_s`
    seconds, and so much is lost of a run that is killed.  `ringing` replaces the system's
    alarm.
    """

    counters: Counters = dict
    cpu: Callable[[], float] = time.thread_time
    stretch_s: float = 1.0
    ringing: Alarm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some replies, and what they and all since the stretch before were measured under.

    Whoever records it writes the conditions first: then no result is ever without them.
    """

    replies: tuple[TimedReply, ...]
    conditions: Conditions


def rehearsal(works: Sequence[ReplyWork], count: int) -> tuple[ReplyWork, ...]:
    """Return `count` works like the first of `works`, under names of their own, to be forgotten."""
    turns = (
        structs.replace(work, item_id=f"{work.item_id}.warm{turn}")
        for turn in range(count)
        for work in works
        if count
    )
    return tuple(work for work, _ in zip(turns, range(count), strict=False))


async def time_course(
    course: Course, wiring: Wiring, streams: Streams, gauges: Gauges
) -> AsyncGenerator[Stretch]:
    """Yield the results of `course.works` in stretches, in order of completion.

    A failure counts as one, with no times.  Work of a pair in `wiring.closed` is not begun.
    Raises what `wiring.watch` and `wiring.confirm` raise, and cancels what is in flight.
    """
    before = await asyncio.to_thread(gauges.counters)
    asker = Asker(wiring, streams, course.salt)
    asker.prepare((*course.warm_up, *course.works))
    with alarm(wiring.clock) as ringing, heap_at_rest():
        watch = SelfWatch(wiring.clock, gauges.cpu, gauges.ringing or ringing)
        lane = _Lane(asker, wiring, watch)
        try:
            lane.set_out(course)
            async with aclosing(lane.replies(gauges.stretch_s)) as measured:
                async for replies in measured:
                    yield lane.stretch(replies)
        finally:
            await lane.end()
        # Cut first: asking the servers takes longer than a reply, and is no part of the measurement.
        last = watch.cut(())
        after = await asyncio.to_thread(gauges.counters)
        yield Stretch(replies=(), conditions=_with_cache(last, before, after))


class _Lane:
    """The tasks of a course under way; what has ended waits in one queue."""

    def __init__(self, asker: Asker, wiring: Wiring, watch: SelfWatch) -> None:
        self.watch = watch
        self._asker = asker
        self._wiring = wiring
        self._ended: asyncio.Queue[asyncio.Task[Any]] = asyncio.Queue()
        self._running: set[asyncio.Task[Any]] = set()
        self._stewards: tuple[asyncio.Task[None], ...] = ()
        self._dispatcher: asyncio.Task[None] | None = None
        self._is_warm = False

    def set_out(self, course: Course) -> None:
        """Begin the course, and to watch over it."""
        dispatch = course.pace.dispatch(course.warm_up, course.works, self._begin, self._wiring.clock)
        self._dispatcher = asyncio.create_task(dispatch)
        self._stewards = (self._dispatcher, asyncio.create_task(_guard(self._wiring.watch)))
        for steward in self._stewards:
            steward.add_done_callback(self._ended.put_nowait)

    async def replies(self, stretch_s: float) -> AsyncGenerator[tuple[TimedReply, ...]]:
        """Yield what was measured, some seconds' worth at a time."""
        held: list[TimedReply] = []
        clock = self._wiring.clock
        began_s = clock()
        while self._under_way():
            task = await self._ended.get()
            self._running.discard(task)
            ended = task.result()
            if isinstance(ended, Asked):
                held += await self._read(ended)
            if held and clock() - began_s >= stretch_s:
                yield tuple(held)
                held, began_s = [], clock()
        for steward in self._stewards:
            if steward.done():
                steward.result()
        if held:
            yield tuple(held)

    def stretch(self, replies: tuple[TimedReply, ...]) -> Stretch:
        """Return the replies with what was seen since the last stretch."""
        return Stretch(replies=replies, conditions=self.watch.cut(each.result.run_id for each in replies))

    async def end(self) -> None:
        """Give up what is under way."""
        left = (*self._stewards, *self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _under_way(self) -> bool:
        dispatching = self._dispatcher is None or not self._dispatcher.done()
        return dispatching or bool(self._running) or not self._ended.empty()

    def _begin(self, timed: TimedWork) -> asyncio.Task[Any] | None:
        if timed.work.run.pair in self._wiring.closed:
            return None
        if timed.kept:
            if not self._is_warm:
                self._is_warm = True
                self.watch.start()
            self.watch.begun(self._wiring.clock(), due_s=timed.due_s, scheduled=timed.scheduled)
        task = asyncio.create_task(self._asker.ask(timed))
        self._running.add(task)
        task.add_done_callback(self._ended.put_nowait)
        return task

    async def _read(self, asked: Asked) -> list[TimedReply]:
        """Read one reply, and let the loop look at its sockets before the next."""
        if not asked.timed.kept:
            return []
        reply = read(asked)
        outcome = reply.result.outcome
        if isinstance(outcome, GenerationFailure) and outcome.kind is not FailureKind.REFUSED:
            await asyncio.to_thread(self._wiring.confirm)
        if reply.trace is not None:
            self.watch.read(chunks=len(reply.trace.gaps_s), coalesced=reply.trace.coalesced)
        await asyncio.sleep(0)
        return [reply]


async def _guard(check: Callable[[], None]) -> None:
    while True:
        check()
        await asyncio.sleep(WATCH_S)


def _with_cache(
    conditions: Conditions, before: Mapping[str, float], after: Mapping[str, float]
) -> Conditions:
    """Add what the servers took from their prefix caches, as far as they told it both times."""
    if CACHE_QUERIES not in before or CACHE_QUERIES not in after:
        return conditions
    asked, cached = (
        max(0, round(after.get(name, 0.0) - before.get(name, 0.0))) for name in (CACHE_QUERIES, CACHE_HITS)
    )
    return replace(conditions, prompt_tokens=asked, cached_tokens=cached)
