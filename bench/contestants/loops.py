"""The loop somebody writes in an afternoon, over the openai SDK, aiohttp or httpx.

A fixed number of workers take the next question, hash it, send it, decode and compare the
reply and write a line.  It retries nothing, checks no schema and orders nothing, and runs
on the event loop the product runs on: less work than the product does, and no worse a loop.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

from bench.contestants.job import Job
from bench.product import run
from bench.sums import MAX_TOKENS, REFERENCE, messages

Ask: TypeAlias = Callable[[list[dict[str, str]]], Awaitable[str]]


def openai_sdk(job: Job) -> int:
    """Return how many replies were right, asked through the openai SDK."""
    return run(_loop(job, _openai_sdk(job)))


def aiohttp_loop(job: Job) -> int:
    """Return how many replies were right, asked through aiohttp."""
    return run(_loop(job, _aiohttp(job)))


def httpx_loop(job: Job) -> int:
    """Return how many replies were right, asked through httpx."""
    return run(_loop(job, _httpx(job)))


async def _loop(job: Job, client: AbstractAsyncContextManager[Ask]) -> int:
    numbers = iter(range(job.items))
    kept = os.open(job.folder / "results.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        async with client as ask:
            return sum(await asyncio.gather(*(_worker(numbers, ask, kept) for _ in range(job.concurrency))))
    finally:
        os.close(kept)


async def _worker(numbers: Iterator[int], ask: Ask, kept: int) -> int:
    right = 0
    for number in numbers:
        asked = messages(number)
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        reply = await ask(asked)
        score = float(json.loads(reply) == REFERENCE)
        line = {"item_id": f"sum-{number}", "reply": reply, "score": score, "prompt_digest": digest}
        os.write(kept, json.dumps(line).encode() + b"\n")
        right += score == 1.0
    return right


@asynccontextmanager
async def _openai_sdk(job: Job) -> AsyncIterator[Ask]:
    from openai import AsyncOpenAI

    async with AsyncOpenAI(base_url=f"{job.url}/v1", api_key="none") as client:

        async def ask(asked: list[dict[str, str]]) -> str:
            reply = await client.chat.completions.create(
                model="mock",
                messages=asked,  # type: ignore[arg-type]  # plain values serve as well
                temperature=0.0,
                top_p=1.0,
                max_tokens=MAX_TOKENS,
                seed=7,
            )
            return reply.choices[0].message.content or ""

        yield ask


@asynccontextmanager
async def _aiohttp(job: Job) -> AsyncIterator[Ask]:
    import aiohttp

    url = f"{job.url}/v1/chat/completions"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(asked: list[dict[str, str]]) -> str:
            async with session.post(url, json=chat_body(asked)) as reply:
                reply.raise_for_status()
                return _content(await reply.json())

        yield ask


@asynccontextmanager
async def _httpx(job: Job) -> AsyncIterator[Ask]:
    import httpx

    url = f"{job.url}/v1/chat/completions"
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=60) as client:

        async def ask(asked: list[dict[str, str]]) -> str:
            reply = await client.post(url, json=chat_body(asked))
            reply.raise_for_status()
            return _content(reply.json())

        yield ask


def chat_body(asked: list[dict[str, str]]) -> dict[str, Any]:
    """Return the body of the request that asks a chat."""
    settings = {"temperature": 0.0, "top_p": 1.0, "max_tokens": MAX_TOKENS, "seed": 7}
    return {"model": "mock", "messages": asked, **settings}


def _content(reply: dict[str, Any]) -> str:
    content: str = reply["choices"][0]["message"]["content"]
    return content
