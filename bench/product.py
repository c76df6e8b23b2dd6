"""The one place that knows how the product's client and engine are put together.

Everything else in this room talks to `Backend`, `Work` and `ItemResult`; when the client's
construction changes, this module changes and no benchmark does.
"""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from bench.sums import CHECKPOINT
from harness.backends.event_loop import run
from harness.backends.openai_http import HttpSettings, OnTrace, OpenAiBackend, http_session
from harness.backends.port import Backend
from harness.domain.checkpoint import Endpoint
from harness.domain.run import ItemResult
from harness.engine.evaluate import in_batches
from harness.engine.work import Wiring, Work
from harness.store.journal import Journal

__all__ = ["backend", "evaluated", "run", "wiring"]


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


def _nothing() -> None:
    return
