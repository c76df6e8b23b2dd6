"""Keep-alive connections to one server: the last one used is used again first."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from harness.backends.address import Origin
from harness.backends.http1 import Connection, Receiver
from harness.backends.reply import Reply, Unanswered
from harness.backends.retry import Ending
from harness.backends.settings import HttpSettings
from harness.domain.response import FailureKind

CLOSED = "the session was closed before the reply came"

_CLOSING_TURNS = 100
"""Turns of the event loop that a closed connection is given to say so; a few are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What pools share: the loop, the clock in monotonic seconds, and whom to trust.

    `tls` makes the context on first use; `began` is called when a reply is awaited.
    """

    loop: asyncio.AbstractEventLoop
    clock: Callable[[], float]
    tls: Callable[[], ssl.SSLContext]
    began: Callable[[], None]


class Pool:
    """Makes as many connections to one origin as there are requests at once."""

    def __init__(self, origin: Origin, settings: HttpSettings, around: Surroundings) -> None:
        """Take the server; nothing is connected before the first request."""
        self._origin = origin
        self._settings = settings
        self._around = around
        self._clock = around.clock
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._closed = False

    def busy(self) -> Iterator[Connection]:
        """Yield the connections on which a reply is awaited."""
        return (connection for connection in self._all if connection.busy)

    async def exchange(self, request: bytes, *, streamed: bool, deadline_s: float, fresh: bool) -> Reply:
        """Return the reply to `request`, over a connection of its own if `fresh`.

        Raises `Unanswered` when there is none.  A request that is cancelled takes its
        connection with it.
        """
        now_s = self._clock()
        connection = None if fresh else self._rested(now_s)
        if connection is None:
            connection = await self._connected(deadline_s - now_s)
            now_s = self._clock()
        if self._closed:
            connection.abort()
            raise Unanswered(FailureKind.CONNECTION, Ending.FINAL, CLOSED)
        self._around.began()
        try:
            return await connection.send(request, streamed=streamed, now_s=now_s, deadline_s=deadline_s)
        except asyncio.CancelledError:
            connection.abort()
            raise

    def post(
        self, request: bytes, receiver: Receiver, *, deadline_s: float, now_s: float
    ) -> Connection | None:
        """Send `request` over a connection that rests and return it, None where there is none.

        `receiver` is told what comes of it, unless the connection is aborted.
        """
        connection = self._rested(now_s)
        if connection is not None:
            self._around.began()
            connection.post(request, receiver, streamed=False, now_s=now_s, deadline_s=deadline_s)
        return connection

    async def close(self) -> None:
        """Close every connection, end what is under way, and return once all are closed."""
        self._closed = True
        for connection in tuple(self._all):
            connection.give_up(CLOSED)
        for _ in range(_CLOSING_TURNS):
            if not self._all:
                return
            await asyncio.sleep(0)

    def take_back(self, connection: Connection) -> None:
        """Keep a connection for the next request."""
        self._idle.append(connection)

    def forget(self, connection: Connection) -> None:
        """Drop a connection that is closed."""
        self._all.discard(connection)
        with suppress(ValueError):  # it was busy
            self._idle.remove(connection)

    def _rested(self, now_s: float) -> Connection | None:
        """The connection used last, unless the server has closed it or is about to."""
        while self._idle:
            connection = self._idle.pop()
            if connection.open and now_s - connection.idle_since_s <= self._settings.idle_s:
                return connection
            connection.abort()
        return None

    async def _connected(self, left_s: float) -> Connection:
        limit_s = self._settings.connect_s
        connection = Connection(self, self._settings, self._around.loop, self._clock)
        self._all.add(connection)
        try:
            async with asyncio.timeout(min(limit_s, left_s)):
                await self._connect(connection)
        except TimeoutError as error:
            if left_s < limit_s:
                late = f"no reply within {self._settings.total_s:g} s"
                raise Unanswered(FailureKind.TIMEOUT, Ending.FINAL, late) from error
            raise _unsent(f"no connection to {self._origin} within {limit_s:g} s") from error
        except ssl.SSLCertVerificationError as error:
            raise Unanswered(
                FailureKind.CONNECTION,
                Ending.FINAL,
                f"the certificate of {self._origin} is not trusted: {error.verify_message}",
            ) from error
        except OSError as error:
            raise _unsent(f"cannot connect to {self._origin}: {_reason(error)}") from error
        if not connection.open:
            raise _unsent(f"{self._origin} hung up before it was asked")
        return connection

    async def _connect(self, connection: Connection) -> None:
        origin = self._origin
        tls = self._around.tls() if origin.tls else None
        try:
            await self._around.loop.create_connection(lambda: connection, origin.host, origin.port, ssl=tls)
        except BaseException:
            # A time-out or a cancellation may come just as the connection is made.
            connection.abort()
            self.forget(connection)
            raise


def _unsent(message: str) -> Unanswered:
    return Unanswered(FailureKind.CONNECTION, Ending.UNSENT, message)


def _reason(error: OSError) -> str:
    """The system's own words: event loops word the same error in different ways."""
    if isinstance(error, socket.gaierror | ssl.SSLError) or not error.errno:
        return error.strerror or str(error)
    return os.strerror(error.errno)
