"""Requests begun at the instants of a schedule: by the product's open loop, and by a sleep and a task.

Both are asked for the same rate, and both say when each request was due.  When it had come
whole to the server stands in the reply's only token, and nobody's word is taken for that.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from bench.contestants.streams import stream_body
from bench.product import timed_stretches
from bench.stamps import read_stamps
from bench.sums import sums_work
from harness.domain.checkpoint import Endpoint
from harness.domain.response import Response
from harness.engine.arrivals import poisson_schedule
from harness.engine.open_loop import OpenLoop
from harness.engine.timed import TimedReply
from harness.engine.work import ReplyWork

_LEAD_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """When a request was due, when its client wrote it, and when the server had it whole.

    In monotonic seconds; `sent_s` is None where the client does not say.
    """

    due_s: float
    sent_s: float | None
    whole_s: float


Schedule: TypeAlias = Callable[[str, float, int, int], Awaitable[list[Dispatch]]]
"""Begins requests against the server at a URL, at a rate a second, so many, at the instants of a seed."""


async def weighbridge(url: str, rate: float, count: int, seed: int) -> list[Dispatch]:
    """Return what became of the schedule in the product's stop-watch."""
    works = tuple(work for work in sums_work(count, timed=True) if isinstance(work, ReplyWork))
    pace = OpenLoop(rate_per_s=rate, seed=seed)
    endpoint = Endpoint(url=f"{url}/v1", model="mock")
    replies: list[TimedReply] = []
    async with aclosing(timed_stretches(endpoint, works, pace, warm_up=round(rate))) as stretches:
        async for stretch in stretches:
            # Looked into when the schedule has ended: a second's worth at once would hold the loop up.
            replies += stretch.replies
    return [_dispatch(reply) for reply in replies]


async def aiohttp_loop(url: str, rate: float, count: int, seed: int) -> list[Dispatch]:
    """Return what became of the schedule under `asyncio.sleep`, a task a request and aiohttp."""
    import aiohttp

    chats = f"{url}/v1/chat/completions"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(number: int, due_s: float) -> Dispatch:
            async with session.post(chats, json=stream_body(number)) as reply:
                reply.raise_for_status()
                text = _text(await reply.read())
            return Dispatch(due_s=due_s, sent_s=None, whole_s=_whole_s(text))

        begin_s = time.perf_counter() + _LEAD_S
        warm = round(rate)
        tasks = []
        for number, offset_s in enumerate(poisson_schedule(count + warm, rate_per_s=rate, seed=seed)):
            due_s = begin_s + offset_s
            if (wait_s := due_s - time.perf_counter()) > 0:
                await asyncio.sleep(wait_s)
            tasks.append(asyncio.create_task(ask(number, due_s)))
        return (await asyncio.gather(*tasks))[warm:]


def _dispatch(reply: TimedReply) -> Dispatch:
    outcome, trace = reply.result.outcome, reply.trace
    if not isinstance(outcome, Response) or trace is None:
        raise RuntimeError(f"a request ended in {outcome}")
    return Dispatch(due_s=trace.due_s, sent_s=trace.sent_s, whole_s=_whole_s(outcome.text))


def _text(body: bytes) -> str:
    lines = [line[6:] for line in body.split(b"\n") if line.startswith(b"data: {")]
    pieces = [choice for line in lines for choice in json.loads(line)["choices"]]
    return "".join(piece["delta"].get("content") or "" for piece in pieces)


def _whole_s(text: str) -> float:
    return read_stamps(text).received_ns / 1e9
