"""The same chats kept in flight on a real server: by the product's stop-watch and by `vllm bench serve`.

Both begin with nothing in flight, ask every chat once, and count from their first request to
their last token.  Prompts are the same but for a first line that tells the turns apart, so
that none of them is in the server's prefix cache.
"""

import json
import time
from collections.abc import Callable
from contextlib import aclosing, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TypeAlias

from bench.product import run, timed_stretches
from bench.stories import stories_work
from harness.domain.checkpoint import Endpoint
from harness.domain.response import Response
from harness.engine.closed_loop import ClosedLoop
from harness.prompting.render import unshared


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many chats, `concurrency` at once, each cut at `tokens`; `turn` is told apart from all others."""

    endpoint: Endpoint
    requests: int
    concurrency: int
    tokens: int
    turn: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a server answered with, in how long, and what asking took of the client's CPU."""

    requests: int
    output_tokens: int
    wall_s: float
    cpu_s: float

    @property
    def tokens_per_s(self) -> float:
        """Output tokens a second."""
        return self.output_tokens / self.wall_s


Loader: TypeAlias = Callable[[Load], Carried]
"""Puts a load on a server."""


def weighbridge(load: Load) -> Carried:
    """Return what the product's closed loop got."""
    return run(_timed(load))


def vllm_bench(load: Load) -> Carried:
    """Return what `vllm bench serve` got: its own `main` behind its own command line.

    The `vllm` command itself does not start where the wheel has no metadata of that name.
    """
    from vllm.benchmarks.serve import add_cli_args, main
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = FlexibleArgumentParser()  # type: ignore[no-untyped-call]  # of a library without types
    add_cli_args(parser)
    arguments = parser.parse_args(_arguments(load, dataset(load)))
    cpu_began_s = time.process_time()
    with redirect_stdout(StringIO()):
        told = main(arguments)
    return Carried(
        requests=told["completed"],
        output_tokens=told["total_output_tokens"],
        wall_s=told["duration"],
        cpu_s=time.process_time() - cpu_began_s,
    )


def dataset(load: Load) -> Path:
    """Return a file of the same chats as the peer reads them, one a line, behind lines of their own."""
    path = load.folder / "chats.jsonl"
    lines = []
    for work in stories_work(load.requests, tokens=load.tokens):
        prompt, _ = work.renderer.rendered(work.item, retriever=None, clock=time.perf_counter)
        told_apart = unshared(prompt, f"{load.turn}/{work.item_id}")
        chat = [{"role": each.role.value, "content": each.content} for each in told_apart.messages]
        lines.append(json.dumps({"prompt": chat}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


async def _timed(load: Load) -> Carried:
    works = stories_work(load.requests, tokens=load.tokens)
    pace = ClosedLoop(concurrency=load.concurrency)
    cpu_began_s = time.process_time()
    answered = tokens = 0
    wall_s = 0.0
    async with aclosing(timed_stretches(load.endpoint, works, pace, salt=load.turn)) as stretches:
        async for stretch in stretches:
            replies = [each.result.outcome for each in stretch.replies]
            told = [each.completion_tokens for each in replies if isinstance(each, Response)]
            answered += len(told)
            tokens += sum(told)
            wall_s += stretch.conditions.wall_s
    cpu_s = time.process_time() - cpu_began_s
    return Carried(requests=answered, output_tokens=tokens, wall_s=wall_s, cpu_s=cpu_s)


def _arguments(load: Load, dataset: Path) -> list[str]:
    decoding = {"temperature": 0.0, "top_p": 1.0, "max_completion_tokens": load.tokens}
    return [
        *("--backend", "openai-chat", "--endpoint", "/v1/chat/completions"),
        *("--base-url", load.endpoint.url.removesuffix("/v1"), "--model", load.endpoint.model),
        *("--dataset-name", "custom", "--dataset-path", str(dataset), "--disable-shuffle"),
        # Chats are sent as they are and tokens counted by the server: no tokenizer is needed.
        *("--skip-tokenizer-init", "--skip-chat-template", "--disable-tqdm"),
        *("--num-prompts", str(load.requests), "--max-concurrency", str(load.concurrency)),
        *("--extra-body", json.dumps(decoding)),
    ]
