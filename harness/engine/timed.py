"""One timed work -> a reply not read yet -> an item result with its waiting times.

Reading a reply takes the event loop some 2 us a token, rendering a prompt more: the prompt
of an arm without retrieval is rendered before the clock runs, and a reply is read one at a
time behind the streams that are still coming.  Retrieval is what a user waits for, and is
counted.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from msgspec import structs

from harness.backends.chat_stream import StreamTrace
from harness.backends.port import GenerationRequest
from harness.backends.wire import MalformedReply
from harness.domain.prompt import Prompt
from harness.domain.response import FailureKind, GenerationFailure, Response
from harness.domain.run import ItemResult
from harness.engine.seeds import derived_seed
from harness.engine.work import ReplyWork, Wiring
from harness.prompting.render import prompt_digest, unshared


class Unread(Protocol):
    """A streamed reply that nobody has looked into yet."""

    def read(self) -> tuple[Response, StreamTrace]:
        """Return what was said and when; raise `MalformedReply` when it is no whole reply."""
        ...


class Streaming(Protocol):
    """Answers timed requests; never raises for what a request ended in."""

    async def stream(self, request: GenerationRequest) -> Unread | GenerationFailure:
        """Return the reply unread, or why there is none."""
        ...


Streams = Mapping[str, Streaming]
"""Who answers, by checkpoint digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWork:
    """A work and the instant it is due in monotonic seconds; `kept` unless it only warms up.

    `scheduled` tells whether that instant was planned, or is the one at which a slot was free.
    """

    work: ReplyWork
    due_s: float
    kept: bool = True
    scheduled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a timed work was shown, and what came of it."""

    timed: TimedWork
    prompt: Prompt
    outcome: Unread | GenerationFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedReply:
    """The result of a timed work, and when its tokens came; None for a failure."""

    result: ItemResult
    trace: StreamTrace | None


class Asker:
    """Puts timed works to whoever answers them, each behind a first line of its own.

    `salt` goes into that line: with one of its own, a second measurement of the same plan
    finds none of its prompts in a server's prefix cache.
    """

    def __init__(self, wiring: Wiring, streams: Streams, salt: str) -> None:
        """Take the wiring of the run and who streams."""
        self._wiring = wiring
        self._streams = streams
        self._salt = salt
        self._requests: dict[tuple[str, str], GenerationRequest] = {}

    def prepare(self, works: Iterable[ReplyWork]) -> None:
        """Make the requests that can be made before a clock runs."""
        for work in works:
            if not work.renderer.retrieves:
                self._requests[work.run.id, work.item_id] = self._request(work)

    async def ask(self, timed: TimedWork) -> Asked:
        """Return what came of a work; its waiting times count from `timed.due_s`."""
        work = timed.work
        prepared = self._requests.pop((work.run.id, work.item_id), None)
        request = await asyncio.to_thread(self._request, work) if prepared is None else prepared
        stream = self._streams[work.run.candidate.checkpoint.digest].stream
        outcome = await stream(structs.replace(request, due_s=timed.due_s))
        return Asked(timed=timed, prompt=request.prompt, outcome=outcome)

    def _request(self, work: ReplyWork) -> GenerationRequest:
        """Render and word the request; it is not due yet."""
        wiring, decoding = self._wiring, work.task.decoding
        retriever = wiring.retrievers.get(work.task.name)
        prompt, _ = work.renderer.rendered(work.item, retriever=retriever, clock=wiring.clock)
        return GenerationRequest(
            prompt=unshared(prompt, f"{wiring.seed}/{self._salt}/{work.run.id}/{work.item_id}"),
            decoding=replace(decoding, max_tokens=work.max_tokens or decoding.max_tokens),
            seed=derived_seed(wiring.seed, work.run.side, work.item_id),
            due_s=0.0,
            timed=True,
            schema=work.task.schema,
        )


def read(asked: Asked) -> TimedReply:
    """Return the result with its waiting times; a reply that is none becomes a failure."""
    outcome: Response | GenerationFailure
    trace = None
    if isinstance(asked.outcome, GenerationFailure):
        outcome = asked.outcome
    else:
        try:
            outcome, trace = asked.outcome.read()
        except MalformedReply as error:
            outcome = GenerationFailure(kind=FailureKind.MALFORMED, message=str(error))
    work = asked.timed.work
    result = ItemResult(
        run_id=work.run.id,
        item_id=work.item_id,
        cluster=work.item.cluster,
        outcome=outcome,
        prompt_digest=prompt_digest(asked.prompt),
        example_ids=asked.prompt.example_ids,
    )
    return TimedReply(result=result, trace=trace)
