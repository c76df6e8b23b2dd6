"""One request, sent until it is answered or until there is no use in sending it again."""

import asyncio
import time
from collections.abc import Callable
from random import Random

from harness.backends import wire
from harness.backends.chat_stream import read_stream
from harness.backends.pool import Pool
from harness.backends.refusal import HTTP_OK, refused
from harness.backends.reply import Reply, Unanswered
from harness.backends.retry import Ending
from harness.backends.settings import HttpSettings


class Attempts:
    """Asks one server as often as the policy allows, with pauses between."""

    def __init__(
        self, pool: Pool, settings: HttpSettings, clock: Callable[[], float], jitter: Random
    ) -> None:
        """Take the connections, the patience, a clock in monotonic seconds and what spreads the pauses."""
        self._pool = pool
        self._policy = settings.retry
        self._clock = clock
        self._jitter = jitter

    async def reply(
        self, request: bytes, deadline_s: float, *, streamed: bool = False, ended: Unanswered | None = None
    ) -> tuple[Reply, int]:
        """Return the reply and how many attempts it took; raise `Unanswered` after the last one.

        `ended` is what a first attempt, made elsewhere, ended in.
        """
        attempt, fresh = 0, False
        while True:
            if ended is not None:
                pause_s = self._pause_s(ended, attempt, deadline_s)
                if pause_s is None:
                    raise ended
                fresh = ended.ending is Ending.STALE
                attempt += not fresh
                await asyncio.sleep(pause_s)
            try:
                reply = await self._pool.exchange(
                    request, streamed=streamed, deadline_s=deadline_s, fresh=fresh
                )
                return accepted(reply), attempt + 1
            except Unanswered as error:
                if streamed and error.partial is not None and _has_begun(error.partial):
                    return _whole_or_raise(error.partial, error), attempt + 1
                ended = error

    def _pause_s(self, ended: Unanswered, attempt: int, deadline_s: float) -> float | None:
        """Seconds until the next attempt, or None where there is none or it would come too late."""
        pause_s = self._policy.pause_s(
            ended.ending, attempt=attempt, draw=self._jitter.random(), asked_s=ended.asked_s
        )
        late = pause_s is not None and self._clock() + pause_s >= deadline_s
        return None if late else pause_s


def accepted(reply: Reply) -> Reply:
    """Return a reply that is 200; raise what any other one means as `Unanswered`."""
    if reply.status == HTTP_OK:
        return reply
    raise refused(reply, now_s=time.time())


def _has_begun(reply: Reply) -> bool:
    return reply.status == HTTP_OK and any(reply.parts)


def _whole_or_raise(begun: Reply, ended: Unanswered) -> Reply:
    """A stream is whole when its last token and its usage came, however its connection ended.

    One that broke off earlier is not asked for again: who watched it come saw it fail.
    """
    try:
        read_stream(begun.arrivals)
    except wire.MalformedReply:
        raise ended from None
    return begun
