"""Carries the timed part of a plan out: conditions into their file first, then results into the journals."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass

from harness.domain.checkpoint import Endpoint
from harness.domain.policy import LatencyPolicy, Load
from harness.engine.closed_loop import ClosedLoop
from harness.engine.open_loop import OpenLoop
from harness.engine.seeds import derived_seed
from harness.engine.stop_watch import (
    Counters,
    Course,
    Gauges,
    Pace,
    Stretch,
    rehearsal,
    time_course,
)
from harness.engine.timed import Streams
from harness.engine.work import ReplyWork, Wiring
from harness.experiments.progress import Progress
from harness.store.gate_folder import GateFolder
from serving.metrics import scrape

_WARM_UP_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Where waiting times go, and what a client reads about itself and the servers meanwhile."""

    folder: GateFolder
    progress: Progress
    gauges: Gauges

    async def record(self, works: Sequence[ReplyWork], wiring: Wiring, streams: Streams) -> None:
        """Measure pair by pair, so that each has conditions of its own."""
        manifest = self.folder.manifest
        for pair in dict.fromkeys(work.run.pair for work in works):
            mine = tuple(work for work in works if work.run.pair == pair)
            course = course_of(
                mine,
                pace_of(manifest.policy.latency, derived_seed(manifest.policy.seed, "arrivals", pair)),
                salt=f"{manifest.gate_id}/{manifest.created_at}",
            )
            stretches = time_course(course, wiring, streams, self.gauges)
            async with aclosing(stretches) as measured:
                await self._record(pair, mine, measured)

    async def _record(self, pair: str, works: Sequence[ReplyWork], stretches: AsyncIterator[Stretch]) -> None:
        with ExitStack() as stack:
            journals = {
                name: stack.enter_context(self.folder.journal(name))
                for name in dict.fromkeys(work.run.id for work in works)
            }
            async for stretch in stretches:
                self.folder.add_conditions(pair, stretch.conditions)
                for reply in stretch.replies:
                    journals[reply.result.run_id].append(reply.result)
                    # One at a time, so that the streams that are still coming are read in between.
                    await asyncio.sleep(0)
                self.progress.advance(*(reply.result for reply in stretch.replies))


def pace_of(policy: LatencyPolicy, seed: int) -> Pace:
    """Return what makes the requests of a policy come."""
    if policy.mode is Load.OPEN:
        return OpenLoop(rate_per_s=policy.rate_per_s, seed=seed)
    return ClosedLoop(concurrency=policy.concurrency)


def course_of(works: tuple[ReplyWork, ...], pace: Pace, *, salt: str) -> Course:
    """Return the works behind a warm-up: every slot once, or the first two seconds of a schedule."""
    count = pace.concurrency if isinstance(pace, ClosedLoop) else math.ceil(_WARM_UP_S * pace.rate_per_s)
    return Course(works=works, warm_up=rehearsal(works, count), pace=pace, salt=salt)


def counters_of(endpoints: Iterable[Endpoint]) -> Counters:
    """Return what asks every server once for its counters, summed; nothing unless all tell them."""
    roots = tuple({endpoint.url.removesuffix("/v1"): None for endpoint in endpoints})

    def count() -> Mapping[str, float]:
        told = [scrape(root) for root in roots]
        names = set.intersection(*map(set, told)) if told else set()
        return {name: sum(each[name] for each in told) for name in names}

    return count
