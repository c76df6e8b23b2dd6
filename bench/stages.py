"""Where the microseconds of an item go: each pure stage alone, as CPU time.

The sum is less than the cost of an item: the rest is the event loop, the sockets and the
engine's own book-keeping.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.figure import Figure
from bench.instant_server import chat_answer
from bench.sse import ending, token_event
from bench.sums import sums_task, sums_work
from harness.backends import wire
from harness.backends.chat_stream import read_stream
from harness.backends.port import GenerationRequest
from harness.domain.arm import Arm, ArmKind
from harness.domain.prompt import Prompt
from harness.domain.response import Response
from harness.domain.run import ItemResult
from harness.engine.perform import reply_scores
from harness.engine.seeds import derived_seed
from harness.engine.work import ReplyWork
from harness.prompting.render import prompt_digest, render
from harness.store.codec import decode_result, encode_result
from harness.store.journal import Journal

_LOOPS = 2_000
_CHUNKS = 64
_TURNS = 5


def figures() -> Iterator[Figure]:
    """Yield CPU microseconds of every stage that needs no network, the best of five turns."""
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal.jsonl") as journal:
        for name, stage in _stages(journal).items():
            yield Figure(name=f"stage {name}", value=_cpu_us(stage), unit="us")


def _stages(journal: Journal) -> dict[str, Callable[[], object]]:
    task = sums_task(range(1))
    (work,) = sums_work(1)
    if not isinstance(work, ReplyWork):
        raise TypeError("a task's work asks for replies")
    arm = Arm(kind=ArmKind.ZERO_SHOT)

    def rendered() -> Prompt:
        return render(task, task.items[0], arm, retriever=None, clock=time.perf_counter)

    prompt = rendered()
    asked = GenerationRequest(prompt=prompt, decoding=task.decoding, seed=7, due_s=0.0)
    reply = chat_answer().partition(b"\r\n\r\n")[2]
    response = wire.chat_response(reply)
    result = _result(work, response)
    line = encode_result(result)
    streamed = _streamed()
    return {
        "render": rendered,
        "hash the prompt": lambda: prompt_digest(prompt),
        "derive the seed": lambda: derived_seed(7, work.run.side, work.item_id),
        "copy the decoding settings": lambda: replace(task.decoding, max_tokens=16),
        "encode the request": lambda: wire.chat_body("mock", asked),
        "decode the reply": lambda: wire.chat_response(reply),
        "check the schema": lambda: work.validator.validity(response.text),
        "score": lambda: task.score(work.item, response.text),
        "encode the result": lambda: encode_result(result),
        "encode and write the result": lambda: journal.append(result),
        "read the result back": lambda: decode_result(line),
        f"understand a stream of {_CHUNKS} chunks": lambda: read_stream(streamed),
    }


def _result(work: ReplyWork, response: Response) -> ItemResult:
    return ItemResult(
        run_id=work.run.id,
        item_id=work.item_id,
        cluster=work.item.cluster,
        outcome=response,
        scores=reply_scores(work, response),
        prompt_digest="c" * 64,
    )


def _streamed() -> list[tuple[float, bytes]]:
    """A stream as it is read from a socket, its HTTP framing taken off: every chunk in a read of its own."""
    chunks = [token_event(None, place, last=place == _CHUNKS - 1) for place in range(_CHUNKS)]
    chunks.append(ending(_CHUNKS))
    bodies = [chunk.partition(b"data: ") for chunk in chunks]
    return [(float(place), begin + rest[:-2]) for place, (_, begin, rest) in enumerate(bodies)]


def _cpu_us(stage: Callable[[], object]) -> float:
    return min(_once_us(stage) for _ in range(_TURNS))


def _once_us(stage: Callable[[], object]) -> float:
    began_s = time.process_time()
    for _ in range(_LOOPS):
        stage()
    return 1e6 * (time.process_time() - began_s) / _LOOPS
