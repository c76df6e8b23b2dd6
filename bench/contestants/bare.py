"""A client that does nothing but read: what any stop-watch could see at best on this machine.

It writes a fixed request, notes the instant of every read and keeps the bytes; even where
the reply ends is guessed from its last bytes.  What its lag is, the kernel, the loop and the
server's own bursts account for; what a real client adds, is the client's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import msgspec

from bench.contestants.streams import Read, stream_body
from bench.readings import StreamRead
from bench.stamps import arrivals

_END = b"data: [DONE]\n\n\r\n0\r\n\r\n"


@asynccontextmanager
async def bare_reader(url: str) -> AsyncIterator[Read]:
    """Yield a read through bare connections, one for each stream."""
    server = urlsplit(url)
    idle: list[_Connection] = []
    made: list[_Connection] = []

    async def read(number: int) -> StreamRead:
        if not idle:
            _, fresh = await asyncio.get_running_loop().create_connection(
                _Connection, server.hostname or "", server.port or 0
            )
            made.append(fresh)
            idle.append(fresh)
        connection = idle.pop()
        due_ns = time.monotonic_ns()
        reads = await connection.ask(number)
        idle.append(connection)
        text, arrived_ns = arrivals(reads)
        return StreamRead(due_ns=due_ns, ttft_ns=arrived_ns[0] - due_ns, arrived_ns=arrived_ns, text=text)

    try:
        yield read
    finally:
        for connection in made:
            connection.close()


def posted(body: bytes) -> bytes:
    """Return the request that asks a chat, with as short a head as a server takes."""
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: mock\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._reads: list[tuple[int, bytes]] = []
        self._whole: asyncio.Future[Sequence[tuple[int, bytes]]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport is one

    def data_received(self, data: bytes) -> None:
        self._reads.append((time.monotonic_ns(), data))
        if data.endswith(_END) and self._whole is not None:
            self._whole.set_result(self._reads)

    async def ask(self, number: int) -> Sequence[tuple[int, bytes]]:
        if self._transport is None:
            raise RuntimeError("the connection is closed")
        request = posted(msgspec.json.encode(stream_body(number)))
        self._reads = []
        self._whole = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._whole

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
