"""A streaming server whose every chunk says when it left: the truth for a stop-watch.

    python -m bench.lockstep_server [--port N] [--gap-ms 10] [--first-ms 50] [--tokens 200] [--coalesce 1]

prints its port and serves until it is ended.  All streams take their next token at the same
tick, as they do in a batching engine: the hardest case for a client, because its reads come
in bursts.  `--coalesce K` holds K chunks back and sends them in one write, on purpose, so
that a client's detection of it can be tried out.

It runs on asyncio's own loop because that hands a write to the kernel at once; uvloop
gathers writes until its loop comes round, and a stamp would be older than the bytes it is in.
"""

import asyncio
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from bench.framing import BadRequest, Request, RequestReader, answer
from bench.sse import HEAD, ending, token_event


class Timer(Protocol):
    """The part of an event loop that a ticker needs."""

    def time(self) -> float:
        """Return the loop's monotonic seconds."""
        ...

    def call_at(self, when: float, callback: Callable[[], object]) -> object:
        """Call back at an instant."""
        ...


class Outgoing(Protocol):
    """The part of a transport that a stream needs."""

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...

    def is_closing(self) -> bool:
        """Return whether the other side is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every stream is like; `coalesce` chunks go out in one write."""

    gap_s: float
    first_s: float
    tokens: int
    coalesce: int = 1


@dataclass(slots=True, eq=False)
class Stream:
    """A reply under way."""

    transport: Outgoing
    received_ns: int
    left: int
    held: list[bytes] = field(default_factory=list)


class Ticker:
    """Sends one token to every due stream at each tick of an absolute schedule."""

    def __init__(self, plan: Plan, loop: Timer, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        """Take the plan and the clock that stamps; ticking begins with `start`."""
        self._plan = plan
        self._loop = loop
        self._clock_ns = clock_ns
        self._streams: dict[Stream, None] = {}
        self._next_s = 0.0

    def start(self) -> None:
        """Begin to tick."""
        self._next_s = self._loop.time()
        self._tick()

    def add(self, transport: Outgoing) -> None:
        """Begin a reply: its head now, its first token at the first tick after its delay."""
        transport.write(HEAD)
        self._streams[Stream(transport, self._clock_ns(), self._plan.tokens)] = None

    def _tick(self) -> None:
        ripe_ns = self._clock_ns() - round(self._plan.first_s * 1e9)
        for stream in [each for each in self._streams if each.received_ns <= ripe_ns]:
            if stream.transport.is_closing():
                del self._streams[stream]
            elif stream.left:
                self._send_token(stream)
            else:
                stream.transport.write(ending(self._plan.tokens))
                del self._streams[stream]
        self._next_s += self._plan.gap_s
        self._loop.call_at(self._next_s, self._tick)

    def _send_token(self, stream: Stream) -> None:
        first = stream.left == self._plan.tokens
        stream.left -= 1
        now_ns = self._clock_ns()
        stream.held.append(token_event(stream.received_ns if first else None, now_ns, last=not stream.left))
        if len(stream.held) >= self._plan.coalesce or not stream.left:
            stream.transport.write(b"".join(stream.held))
            stream.held.clear()


class LockstepServer(asyncio.Protocol):
    """One connection; each chat on it becomes a stream of the ticker's."""

    __slots__ = ("_reader", "_ticker", "_transport")

    def __init__(self, ticker: Ticker) -> None:
        """Take who sends the tokens."""
        self._ticker = ticker
        self._reader = RequestReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a stream's transport is one

    def data_received(self, data: bytes) -> None:
        """Begin a stream for each whole request."""
        if self._transport is None:
            return
        try:
            for request in self._reader.feed(data):
                self._begin(self._transport, request)
        except BadRequest as error:
            self._transport.write(answer("400 Bad Request", _error(str(error)), close=True))
            self._transport.close()

    def _begin(self, transport: asyncio.Transport, request: Request) -> None:
        asked = request.body.replace(b" ", b"")
        if request.path == b"/v1/chat/completions" and b'"stream":true' in asked:
            self._ticker.add(transport)
        else:
            transport.write(answer("400 Bad Request", _error("this server only streams chats")))


def _error(message: str) -> bytes:
    return msgspec.json.encode({"error": {"message": message, "type": "invalid_request_error"}})


async def _serve(plan: Plan, port: int) -> None:
    loop = asyncio.get_running_loop()
    ticker = Ticker(plan, loop)
    server = await loop.create_server(lambda: LockstepServer(ticker), "127.0.0.1", port, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    ticker.start()
    await server.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    parser = ArgumentParser(prog="python -m bench.lockstep_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--gap-ms", type=float, default=10.0, help="between two tokens of a stream")
    parser.add_argument("--first-ms", type=float, default=50.0, help="at least, before the first token")
    parser.add_argument("--tokens", type=int, default=200, help="of every reply")
    parser.add_argument("--coalesce", type=int, default=1, help="chunks that go out in one write")
    chosen = parser.parse_args()
    plan = Plan(
        gap_s=chosen.gap_ms / 1e3,
        first_s=chosen.first_ms / 1e3,
        tokens=chosen.tokens,
        coalesce=chosen.coalesce,
    )
    asyncio.run(_serve(plan, chosen.port))


if __name__ == "__main__":
    main()
