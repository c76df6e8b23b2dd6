"""What a streamed chat said and when: read from its bytes after the last of them has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

from harness.backends import wire
from harness.backends.port import GenerationRequest
from harness.backends.reply import Arrival, Reply
from harness.backends.sse import events
from harness.domain.response import FinishReason, Response, Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTrace:
    """When a streamed reply came, in monotonic seconds: more than `Timing` keeps.

    `due_s` is when the user began to wait, `sent_s` when the request that was answered was
    written, the last of `attempts`.  `token_s` holds the instant of every event that
    brought tokens: content, reasoning, or a silent end of turn (see `read_stream`).
    `first_at` is the place in it of the first one with text, or None.
    """

    due_s: float
    sent_s: float
    token_s: tuple[float, ...]
    first_at: int | None
    completion_tokens: int
    attempts: int

    @property
    def coalesced(self) -> int:
        """How many events of tokens came in one read with the one before.

        Where it is not 0, gaps tell of the network or the client, not of the model.
        """
        return sum(after == before for before, after in pairwise(self.token_s))

    @property
    def gaps_s(self) -> tuple[float, ...]:
        """Seconds from each event with a token to the next."""
        return tuple(after - before for before, after in pairwise(self.token_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedChat:
    """A streamed reply, put together; `token_s` and `first_at` as in `StreamTrace`."""

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    token_s: tuple[float, ...]
    first_at: int | None

    def response(self, due_s: float) -> Response:
        """Return the reply with its waiting times from `due_s`.

        The time to the first token ends with the first text, reasoning included; the whole
        reply's with its last token, never with the usage behind it.
        """
        last_s = self.token_s[-1]
        first_s = last_s if self.first_at is None else self.token_s[self.first_at]
        tokens = self.completion_tokens
        return Response(
            text=self.text,
            finish_reason=self.finish_reason,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=tokens,
            timing=Timing(
                ttft_s=first_s - due_s,
                e2e_s=last_s - due_s,
                tpot_s=(last_s - first_s) / (tokens - 1) if tokens > 1 else None,
            ),
        )

    def trace(self, *, due_s: float, sent_s: float, attempts: int) -> StreamTrace:
        """Return when it came."""
        return StreamTrace(
            due_s=due_s,
            sent_s=sent_s,
            token_s=self.token_s,
            first_at=self.first_at,
            completion_tokens=self.completion_tokens,
            attempts=attempts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadStream:
    """A streamed reply whose bytes nobody has looked into yet, and how many attempts it took."""

    request: GenerationRequest
    reply: Reply
    attempts: int

    def read(self) -> tuple[Response, StreamTrace]:
        """Return what was said and when; raise `MalformedReply` when it is no whole reply."""
        chat = read_stream(self.reply.arrivals)
        due_s = self.request.due_s
        trace = chat.trace(due_s=due_s, sent_s=self.reply.sent_s, attempts=self.attempts)
        return chat.response(due_s), trace


def read_stream(arrivals: Iterable[Arrival]) -> StreamedChat:
    """Return the chat that was streamed in `arrivals`.

    The event that ends a turn may come without text.  vLLM sends the end-of-turn token so,
    and counts it in the usage; others send the reason alone, after the last token.  So it
    is taken for a token where the usage holds more tokens than events with text came.

    Raises `MalformedReply` when the stream broke off, carried an error, or is no stream.
    """
    chat = _Assembly()
    for at_s, data in events(arrivals):
        if data == _DONE:
            break
        chat.take(at_s, data)
    return chat.whole()


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class _Piece(msgspec.Struct, gc=False):
    delta: _Delta
    finish_reason: str | None = None


class _Event(msgspec.Struct, gc=False):
    choices: list[_Piece] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


_DONE = b"[DONE]"
_EVENT = msgspec.json.Decoder(_Event)


class _Assembly:
    """A streamed chat as far as it has been read."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._token_s: list[float] = []
        self._first_at: int | None = None
        self._silent_end_s: float | None = None
        self._finish: str | None = None
        self._usage: wire.Usage | None = None

    def take(self, at_s: float, data: bytes) -> None:
        try:
            event = _EVENT.decode(data)
            if event.usage:
                self._usage = msgspec.convert(event.usage, wire.Usage)
        except wire.UNREADABLE as error:
            raise wire.malformed(data, error) from error
        if event.error:
            raise wire.MalformedReply(f"the stream carried an error: {wire.error_message(data.decode())}")
        if event.choices is None:
            raise wire.MalformedReply(f"not a reply (an event without choices): {data[:80]!r}")
        for piece in event.choices:
            delta = piece.delta
            if delta.content or delta.reasoning or delta.reasoning_content:
                if self._first_at is None:
                    self._first_at = len(self._token_s)
                self._token_s.append(at_s)
                self._text.append(delta.content or "")
            elif piece.finish_reason:
                self._silent_end_s = at_s
            if piece.finish_reason:
                self._finish = piece.finish_reason

    def whole(self) -> StreamedChat:
        if self._finish is None or self._usage is None:
            raise wire.MalformedReply("the stream ended before the reply did")
        end_s, tokens = self._silent_end_s, self._usage.completion_tokens
        if end_s is not None and (not self._token_s or len(self._token_s) < tokens):
            self._token_s.append(end_s)
        return StreamedChat(
            text="".join(self._text),
            finish_reason=wire.finish(self._finish),
            prompt_tokens=self._usage.prompt_tokens,
            completion_tokens=tokens,
            token_s=tuple(self._token_s),
            first_at=self._first_at,
        )
