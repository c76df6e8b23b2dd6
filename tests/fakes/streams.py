"""Who answers timed requests from a script, and a clock and an alarm that a test turns by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from harness.backends.chat_stream import StreamTrace
from harness.backends.port import GenerationRequest
from harness.backends.wire import MalformedReply
from harness.domain.response import FinishReason, GenerationFailure, Response, Timing

Said: TypeAlias = tuple[float, ...] | GenerationFailure
"""Seconds from when a request was due to each token of its reply, or why there is none."""


class HandClock:
    """Monotonic seconds that pass when somebody says so; an `Alarm` that rings on the way."""

    def __init__(self, now_s: float = 100.0) -> None:
        self.now_s = now_s
        self._set: tuple[float, Callable[[], None]] | None = None

    def __call__(self) -> float:
        return self.now_s

    def set(self, at_s: float, callback: Callable[[], None]) -> None:
        self._set = (at_s, callback)

    def close(self) -> None:
        self._set = None

    def pass_s(self, seconds: float) -> None:
        """Let time pass, and the alarm ring whenever it is due."""
        until_s = self.now_s + seconds
        while self._set is not None and self._set[0] <= until_s:
            at_s, callback = self._set
            self._set = None
            self.now_s = max(self.now_s, at_s)
            callback()
        self.now_s = until_s

    def stall_s(self, seconds: float) -> None:
        """Let time pass while nobody listens; an alarm that fell due rings at the end."""
        self.now_s += seconds
        self.pass_s(0.0)

    async def until(self, at_s: float) -> None:
        """Let time pass up to an instant, and everybody else do what they have to."""
        self.pass_s(max(0.0, at_s - self.now_s))
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedReply:
    """A reply as it came: seconds from when it was due to each of its tokens."""

    request: GenerationRequest
    token_s: tuple[float, ...]
    is_whole: bool = True

    def read(self) -> tuple[Response, StreamTrace]:
        if not self.is_whole:
            raise MalformedReply("the stream ended before the reply did")
        due_s, tokens = self.request.due_s, len(self.token_s)
        first_s, last_s = self.token_s[0], self.token_s[-1]
        timing = Timing(
            ttft_s=first_s, e2e_s=last_s, tpot_s=(last_s - first_s) / (tokens - 1) if tokens > 1 else None
        )
        trace = StreamTrace(
            due_s=due_s,
            sent_s=due_s,
            token_s=tuple(due_s + each for each in self.token_s),
            first_at=0,
            completion_tokens=tokens,
            attempts=1,
        )
        response = Response(
            text="2",
            finish_reason=FinishReason.STOP,
            prompt_tokens=9,
            completion_tokens=tokens,
            timing=timing,
        )
        return response, trace


class ScriptedStreams:
    """Streams what `reply` says after some turns of the event loop.

    It keeps what it was asked, and how many requests were in flight as each one began, and
    calls `begun` with it.
    """

    def __init__(
        self,
        reply: Callable[[GenerationRequest], Said] = lambda _: (0.1, 0.2, 0.3),
        *,
        turns: Callable[[int], int] = lambda _: 3,
        whole: bool = True,
    ) -> None:
        self._reply = reply
        self._turns = turns
        self._whole = whole
        self.asked: list[GenerationRequest] = []
        self.in_flight: list[int] = []
        self.given_up = 0
        self.begun: Callable[[GenerationRequest], None] = lambda _: None
        self._now = 0

    async def stream(self, request: GenerationRequest) -> ScriptedReply | GenerationFailure:
        self.asked.append(request)
        self.begun(request)
        self._now += 1
        self.in_flight.append(self._now)
        try:
            for _ in range(self._turns(len(self.asked))):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self._now -= 1
        said = self._reply(request)
        if isinstance(said, GenerationFailure):
            return said
        return ScriptedReply(request=request, token_s=said, is_whole=self._whole)
