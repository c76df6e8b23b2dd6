"""A request under way that nobody awaits: whoever asked is told what it ended in.

Most requests end in a good reply, and then there is no task and no future for them.  One
that does not goes on as a task, which sends it again as the policy says.
"""

import asyncio
import time

from harness.backends import wire
from harness.backends.attempts import Attempts
from harness.backends.http1 import Connection
from harness.backends.pool import Pool
from harness.backends.port import Told
from harness.backends.refusal import HTTP_OK, refused
from harness.backends.reply import Reply, Unanswered
from harness.domain.response import FailureKind, GenerationFailure, Response


class Posted:
    """Hears what became of one request, and tells it once, unless it is given up."""

    __slots__ = ("_attempts", "_connection", "_deadline_s", "_request", "_task", "_told")

    def __init__(self, request: bytes, deadline_s: float, attempts: Attempts, told: Told) -> None:
        """Take the bytes of a chat, by when it must be answered, who sends it again, and who is told."""
        self._request = request
        self._deadline_s = deadline_s
        self._attempts = attempts
        self._told = told
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def send(self, pool: Pool, now_s: float) -> bool:
        """Send the request if there is a connection that rests, and say whether."""
        self._connection = pool.post(self._request, self, deadline_s=self._deadline_s, now_s=now_s)
        return self._connection is not None

    def give_up(self) -> None:
        """End it; nobody is told."""
        if self._connection is not None:
            self._connection.abort()
        if self._task is not None:
            self._task.cancel()

    # What the connection calls.

    def replied(self, reply: Reply) -> None:
        """Tell what a good reply says, or ask again."""
        self._connection = None
        if reply.status == HTTP_OK:
            self._told(_understood(reply))
        else:
            self.unanswered(refused(reply, now_s=time.time()))

    def unanswered(self, ended: Unanswered) -> None:
        """Go on as a task: there may be pauses and connections to wait for."""
        self._connection = None
        self._task = asyncio.get_running_loop().create_task(self._go_on(ended))

    async def _go_on(self, ended: Unanswered) -> None:
        try:
            reply, _ = await self._attempts.reply(self._request, self._deadline_s, ended=ended)
        except Unanswered as last:
            self._told(last.failure)
        else:
            self._told(_understood(reply))


def _understood(reply: Reply) -> Response | GenerationFailure:
    try:
        return wire.chat_response(reply.body)
    except wire.MalformedReply as error:
        return GenerationFailure(kind=FailureKind.MALFORMED, message=str(error))
