"""The OpenAI-compatible HTTP backend: chat replies, streams and echoed log-probabilities.

The hot path of a run.  Below it lie `session` (what requests share), `attempts` (one request,
sent until it is answered), `posted` (one that nobody awaits), `pool` (connections to one
server), `http1` (one connection), `retry` (when to ask again) and `wire` and `chat_stream`
(what the bytes say).  Redirects are not followed: a prompt goes to the
server that was named and to no other.
"""

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from harness.backends import wire
from harness.backends.address import parse_address
from harness.backends.attempts import Attempts
from harness.backends.chat_stream import StreamTrace, UnreadStream
from harness.backends.pool import Pool
from harness.backends.port import GenerationRequest, GiveUp, Told
from harness.backends.posted import Posted
from harness.backends.reply import Reply, Unanswered
from harness.backends.retry import Ending
from harness.backends.session import HttpSession, http_session
from harness.backends.settings import HttpSettings
from harness.domain.checkpoint import Endpoint
from harness.domain.prompt import ChoicePrompt
from harness.domain.response import ChoiceResponse, FailureKind, GenerationFailure, Response
from harness.errors import UnknownCheckpoint

__all__ = ["HttpSettings", "OnTrace", "OpenAiBackend", "http_session"]

OnTrace: TypeAlias = Callable[[GenerationRequest, StreamTrace], None]
"""Takes when the reply to a timed request came."""


class OpenAiBackend:
    """Talks to one model behind one `/v1` URL over the connections of a shared session."""

    def __init__(
        self,
        endpoint: Endpoint,
        session: HttpSession,
        settings: HttpSettings,
        *,
        on_trace: OnTrace | None = None,
    ) -> None:
        """Take the endpoint, a session whose life somebody else owns, and who wants traces.

        An address that is none shows in every outcome, as a server that is not there would.
        """
        self._model = endpoint.model
        self._clock = session.clock
        self._total_s = settings.total_s
        self._on_trace = on_trace
        self._nowhere = ""
        self._pool: Pool | None = None
        self._chats = self._completions = b""
        try:
            address = parse_address(endpoint.url)
        except UnknownCheckpoint as error:
            self._nowhere = str(error)
            return
        self._pool = session.pool(address.origin)
        jitter = Random(endpoint.url)  # noqa: S311 - spreads retries, keeps no secret
        self._attempts = Attempts(self._pool, settings, session.clock, jitter)
        self._chats = address.head("/chat/completions", api_key=settings.api_key)
        self._completions = address.head("/completions", api_key=settings.api_key)

    def post(self, request: GenerationRequest, told: Told) -> GiveUp | None:
        """Send a chat over a connection that rests and return what gives it up, else None."""
        if self._pool is None or request.timed:
            return None
        try:
            message = _message(self._chats, wire.chat_body(self._model, request))
        except UnicodeEncodeError:
            return None
        now_s = self._clock()
        posted = Posted(message, now_s + self._total_s, self._attempts, told)
        return posted.give_up if posted.send(self._pool, now_s) else None

    async def generate(self, request: GenerationRequest) -> Response | GenerationFailure:
        """Return the reply to a chat, streamed and timed when asked."""
        try:
            payload = wire.chat_body(self._model, request)
            if request.timed:
                return self._told(await self._streamed(request, payload))
            reply, _ = await self._ask(self._chats, payload)
            return wire.chat_response(reply.body)
        except (Unanswered, wire.MalformedReply, UnicodeEncodeError) as error:
            return _failure(error)

    async def weigh(self, prompt: ChoicePrompt) -> ChoiceResponse | GenerationFailure:
        """Return each continuation's log-likelihood from echoed prompt log-probabilities."""
        try:
            payload = wire.echo_body(self._model, prompt)
            reply, _ = await self._ask(self._completions, payload)
            return wire.choice_response(prompt, reply.body)
        except (Unanswered, wire.MalformedReply, UnicodeEncodeError) as error:
            return _failure(error)

    async def stream(self, request: GenerationRequest) -> UnreadStream | GenerationFailure:
        """Return the reply to a timed chat unread, or why there is none.

        Reading takes some 2 us a token on the event loop: a stop-watch does it when the
        streams beside this one have ended.
        """
        try:
            return await self._streamed(request, wire.chat_body(self._model, request))
        except (Unanswered, UnicodeEncodeError) as error:
            return _failure(error)

    async def _streamed(self, request: GenerationRequest, payload: bytes) -> UnreadStream:
        reply, attempts = await self._ask(self._chats, payload, streamed=True)
        return UnreadStream(request=request, reply=reply, attempts=attempts)

    def _told(self, unread: UnreadStream) -> Response:
        response, trace = unread.read()
        if self._on_trace is not None:
            self._on_trace(unread.request, trace)
        return response

    async def _ask(self, head: bytes, payload: bytes, *, streamed: bool = False) -> tuple[Reply, int]:
        """Return the reply and how many attempts it took; raise `Unanswered` after the last one."""
        if self._pool is None:
            raise Unanswered(FailureKind.CONNECTION, Ending.FINAL, self._nowhere)
        deadline_s = self._clock() + self._total_s
        return await self._attempts.reply(_message(head, payload), deadline_s, streamed=streamed)


def _message(head: bytes, payload: bytes) -> bytes:
    return b"%b%d\r\n\r\n%b" % (head, len(payload), payload)


def _failure(error: Unanswered | wire.MalformedReply | UnicodeEncodeError) -> GenerationFailure:
    match error:
        case Unanswered():
            return error.failure
        case wire.MalformedReply():
            return GenerationFailure(kind=FailureKind.MALFORMED, message=str(error))
        case UnicodeEncodeError():
            message = f"the prompt cannot be sent as UTF-8: {error.reason}"
            return GenerationFailure(kind=FailureKind.REFUSED, message=message)
