"""The least that a client in Python can do: a protocol that writes a request and decodes the reply.

It hashes, scores and keeps nothing, knows neither time-outs nor retries nor a second server,
and is no use to anybody; what it costs is what the machine, the loop and the parsers cost.
"""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import httptools
import msgspec

from bench.contestants.bare import posted
from bench.contestants.job import Job
from bench.contestants.loops import chat_body
from bench.product import run
from bench.sums import REFERENCE, messages


def raw_protocol(job: Job) -> int:
    """Return how many replies were right, asked over bare connections."""
    return run(_ask_all(job))


async def _ask_all(job: Job) -> int:
    server = urlsplit(job.url)
    loop = asyncio.get_running_loop()
    numbers = iter(range(job.items))
    made = [
        await loop.create_connection(lambda: _Connection(numbers), server.hostname or "", server.port or 0)
        for _ in range(min(job.concurrency, job.items))
    ]
    return sum(await asyncio.gather(*(connection.done for _, connection in made)))


class _Message(msgspec.Struct):
    content: str


class _Choice(msgspec.Struct):
    message: _Message


class _Reply(msgspec.Struct):
    choices: list[_Choice]


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(_Reply).decode


class _Connection(asyncio.Protocol):
    """Asks one question after the other until there are none left."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._numbers = numbers
        self._right = 0
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a stream's is one
        self._ask_next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body = b""

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        content = _DECODE(self._body).choices[0].message.content
        self._right += msgspec.json.decode(content) == REFERENCE
        self._ask_next()

    def _ask_next(self) -> None:
        number = next(self._numbers, None)
        if number is None:
            self._transport.close()
            self.done.set_result(self._right)
            return
        self._transport.write(posted(_ENCODE(chat_body(messages(number)))))
