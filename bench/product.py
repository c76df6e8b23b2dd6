"""The one place that knows how the product's client and engine are put together.

Everything else in this room talks to `Backend`, `Work` and `ItemResult`; when the client's
construction changes, this module changes and no benchmark does.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from bench.sums import CHECKPOINT
from harness.backends.event_loop import run
from harness.backends.openai_http import HttpSettings, OnTrace, OpenAiBackend, http_session
from harness.backends.port import Backend
from harness.domain.checkpoint import Endpoint
from harness.domain.run import ItemResult
from harness.engine.evaluate import in_batches
from harness.engine.stop_watch import Course, Gauges, Pace, Stretch, rehearsal, time_course
from harness.engine.work import ReplyWork, Wiring, Work
from harness.store.journal import Journal

__all__ = ["backend", "evaluated", "run", "timed_stretches", "wiring"]


@asynccontextmanager
async def backend(url: str, *, on_trace: OnTrace | None = None) -> AsyncIterator[Backend]:
    """Yield the product's client for the server at `url`; `on_trace` is told when streams came."""
    settings = HttpSettings()
    async with http_session(settings) as session:
        yield OpenAiBackend(Endpoint(url=f"{url}/v1", model="mock"), session, settings, on_trace=on_trace)


def wiring(answering: Backend) -> Wiring:
    """Return the wiring that sends all work to one backend and watches nothing."""
    return Wiring(
        backends={CHECKPOINT.digest: answering},
        retrievers={},
        seed=7,
        clock=time.perf_counter,
        watch=_nothing,
        confirm=_nothing,
    )


async def evaluated(
    works: tuple[Work, ...], answering: Backend, journal: Path, *, concurrency: int
) -> AsyncIterator[list[ItemResult]]:
    """Yield the results in batches after they went into the journal, as a gate does it."""
    with Journal(journal) as kept:
        async with aclosing(in_batches(works, wiring(answering), concurrency=concurrency)) as batches:
            async for batch in batches:
                kept.extend(batch)
                yield batch


async def timed_stretches(
    endpoint: Endpoint, works: tuple[ReplyWork, ...], pace: Pace, *, warm_up: int = 0, salt: str = ""
) -> AsyncGenerator[Stretch]:
    """Yield what the stop-watch reads off the works at a pace, behind a warm-up of so many of them."""
    settings = HttpSettings()
    async with http_session(settings) as session:
        answering = OpenAiBackend(endpoint, session, settings)
        course = Course(works=works, warm_up=rehearsal(works, warm_up), pace=pace, salt=salt)
        streams = {CHECKPOINT.digest: answering}
        async with aclosing(time_course(course, wiring(answering), streams, Gauges())) as stretches:
            async for stretch in stretches:
                yield stretch


def _nothing() -> None:
    return
