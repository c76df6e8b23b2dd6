"""One HTTP/1.1 connection: a request's bytes out, a reply's bytes back, one at a time.

This is the hot path.  There is no task, no timer and no header object for a request: one
write, one receiver, and a parser (llhttp) that lives as long as its connection.  The instant
of every read is taken as the socket is read; what was read is understood later, elsewhere.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import httptools

from harness.backends.reply import Reply, Unanswered, parsed_headers
from harness.backends.retry import Ending
from harness.backends.settings import HttpSettings
from harness.domain.response import FailureKind

_HEAD_BYTES = 64 << 10
_FIRST_FINAL_STATUS = 200


class Home(Protocol):
    """Where a connection comes from and goes back to."""

    def take_back(self, connection: "Connection") -> None:
        """Keep a connection whose reply was read whole for the next request."""
        ...

    def forget(self, connection: "Connection") -> None:
        """Drop a connection that is closed."""
        ...


class Receiver(Protocol):
    """Whoever is told what a request ended in, as soon as the last of it was read."""

    def replied(self, reply: Reply) -> None:
        """Take the reply."""
        ...

    def unanswered(self, ended: Unanswered) -> None:
        """Take why there is none."""
        ...


class Connection(asyncio.Protocol):
    """Carries one request at a time; `post` and `send` may be called when it is idle."""

    __slots__ = (
        *("_clock", "_complete", "_deadline_s", "_head_size", "_headed", "_heads", "_heard_s", "_home"),
        *("_keep", "_loop", "_marks", "_most", "_parser", "_parts", "_receiver", "_sent_s", "_settings"),
        *("_size", "_status", "_streamed", "_transport", "_used", "idle_since_s"),
    )

    # The reply under way, begun anew by every request.
    _status: int
    _size: int
    _head_size: int
    _headed: bool
    _complete: bool
    _keep: bool
    _streamed: bool
    _parts: list[bytes]
    _marks: list[tuple[float, int]]
    _heads: list[bytes]

    def __init__(
        self,
        home: Home,
        settings: HttpSettings,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float],
    ) -> None:
        """Take what the connection belongs to; the event loop makes it."""
        self._home = home
        self._settings = settings
        self._most = settings.reply_bytes
        self._loop = loop
        self._clock = clock
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._receiver: Receiver | None = None
        self._used = False
        self.idle_since_s = 0.0
        self._sent_s = self._heard_s = self._deadline_s = 0.0
        self._marks = []
        self._begin(streamed=False)

    @property
    def open(self) -> bool:
        """Whether a request can be written."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def busy(self) -> bool:
        """Whether a reply is awaited."""
        return self._receiver is not None

    def post(
        self, request: bytes, receiver: Receiver, *, streamed: bool, now_s: float, deadline_s: float
    ) -> None:
        """Write a request and tell `receiver` what comes of it, unless it is given up by `abort`.

        With `streamed` the instants of reads are kept.  The connection must be open and idle.
        """
        if self._transport is None or self._receiver is not None:
            raise RuntimeError("a connection carries one request at a time, while it is open")
        self._begin(streamed=streamed)
        self._sent_s = self._heard_s = now_s
        self._deadline_s = deadline_s
        self._receiver = receiver
        self._transport.write(request)

    def send(
        self, request: bytes, *, streamed: bool, now_s: float, deadline_s: float
    ) -> asyncio.Future[Reply]:
        """Return the reply to come; the future may end in `Unanswered`.  See `post`."""
        waiter = self._loop.create_future()
        self.post(request, _Awaited(waiter), streamed=streamed, now_s=now_s, deadline_s=deadline_s)
        return waiter

    def abort(self) -> None:
        """Close at once; late bytes of an abandoned reply must never meet another request."""
        self._receiver = None
        if self._transport is not None:
            self._transport.abort()

    def give_up(self, why: str) -> None:
        """Close at once, and tell whoever waits for a reply why there is none."""
        self._fail(FailureKind.CONNECTION, Ending.FINAL, why)

    def give_up_if_overdue(self, now_s: float) -> None:
        """Close at once when a patience has run out."""
        if self._receiver is not None and (message := self._overdue(now_s)) is not None:
            self._fail(FailureKind.TIMEOUT, Ending.FINAL, message)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a stream's transport is one

    def data_received(self, data: bytes) -> None:
        """Take what was read, and the instant it was."""
        now_s = self._clock()
        if self._receiver is None:
            self.abort()
            return
        self._heard_s = now_s
        if not self._headed:
            self._heads.append(data)
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # What follows a whole reply can no longer harm it.
            if not self._complete:
                message = f"the server does not keep to HTTP/1.1: {error}"
                self._fail(FailureKind.CONNECTION, Ending.FINAL, message)
                return
        if self._streamed:
            self._marks.append((now_s, len(self._parts)))
        if self._size > self._most or self._head_size > _HEAD_BYTES:
            self._end_if_excessive()
        if self._complete:
            self._finish(now_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what was under way: a reply that ends with its connection is whole."""
        self._transport = None
        self._home.forget(self)
        if self._receiver is None:
            pass
        elif exc is None and self._ends_with_its_connection():
            self._finish(self._clock())
        elif self._heads:
            broken = "the connection broke off in the middle of the reply"
            self._fail(FailureKind.CONNECTION, Ending.IN_DOUBT, broken)
        else:
            ending = Ending.STALE if self._used else Ending.IN_DOUBT
            self._fail(FailureKind.CONNECTION, ending, "the server hung up before it answered")
        # The parser holds the connection's own methods: without this only the collector frees both.
        del self._parser

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Note the start of a reply nobody asked for."""
        if self._complete:
            self._keep = False

    def on_headers_complete(self) -> None:
        """Take the status of the final head."""
        status = self._parser.get_status_code()
        if status >= _FIRST_FINAL_STATUS and not self._complete:
            self._headed, self._status = True, status

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        if not self._complete:
            self._size += len(body)
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """Note that the reply is whole; a 1xx is none."""
        if self._headed and not self._complete:
            self._complete = True
            self._keep = self._parser.should_keep_alive()

    def _begin(self, *, streamed: bool) -> None:
        self._streamed = streamed
        self._status = self._size = self._head_size = 0
        self._headed = self._complete = self._keep = False
        self._parts = []
        self._heads = []
        if streamed or self._marks:
            self._marks = []

    def _overdue(self, now_s: float) -> str | None:
        limits = self._settings
        if now_s > self._deadline_s:
            return f"no reply within {limits.total_s:g} s"
        if not self._size:
            late = now_s - self._sent_s > limits.first_byte_s
            return f"no first byte of a reply within {limits.first_byte_s:g} s" if late else None
        stuck = now_s - self._heard_s > limits.gap_s
        return f"nothing more of the reply within {limits.gap_s:g} s" if stuck else None

    def _reply(self) -> Reply:
        return Reply(self._status, self._parts, self._marks, self._heads, self._sent_s)

    def _finish(self, now_s: float) -> None:
        receiver, self._receiver = self._receiver, None
        if self._keep:
            self._used = True
            self.idle_since_s = now_s
            self._home.take_back(self)
        elif self._transport is not None:
            self._transport.close()
        if receiver is not None:
            receiver.replied(self._reply())

    def _fail(self, kind: FailureKind, ending: Ending, message: str) -> None:
        receiver = self._receiver
        self._complete = False
        self.abort()
        if receiver is not None:
            receiver.unanswered(Unanswered(kind, ending, message, partial=self._reply()))

    def _end_if_excessive(self) -> None:
        if self._size > self._most:
            message = f"the reply is longer than {self._most} bytes, so it was not read"
            self._fail(FailureKind.MALFORMED, Ending.FINAL, message)
        elif not self._headed or b"\r\n\r\n" not in b"".join(self._heads)[:_HEAD_BYTES]:
            message = f"the head of the reply is longer than {_HEAD_BYTES} bytes, so it was not read"
            self._fail(FailureKind.CONNECTION, Ending.FINAL, message)

    def _ends_with_its_connection(self) -> bool:
        """Whether the reply's head says nothing of where its body ends (RFC 9112, 6.3)."""
        if not self._headed:
            return False
        named = parsed_headers(b"".join(self._heads))
        return "content-length" not in named and "transfer-encoding" not in named


class _Awaited:
    """Tells a future, unless nobody waits for it any more."""

    __slots__ = ("_future",)

    def __init__(self, future: asyncio.Future[Reply]) -> None:
        self._future = future

    def replied(self, reply: Reply) -> None:
        if not self._future.done():
            self._future.set_result(reply)

    def unanswered(self, ended: Unanswered) -> None:
        if not self._future.done():
            self._future.set_exception(ended)
