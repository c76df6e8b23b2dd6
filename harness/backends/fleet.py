"""One backend over several that serve the same checkpoint: the least busy one is asked."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from harness.backends.port import Backend, GenerationRequest, GiveUp, Posting, Told
from harness.domain.prompt import ChoicePrompt
from harness.domain.response import ChoiceResponse, FailureKind, GenerationFailure, Response
from harness.errors import UsageError

_T = TypeVar("_T")
_ELSEWHERE = frozenset({FailureKind.CONNECTION, FailureKind.SERVER_ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSettings:
    """How a fleet spreads its load.

    At most `per_member` requests are in flight at any member; further ones wait their turn.
    A member that could not be reached, or was in trouble after all its retries, is passed
    over for `rest_s` seconds while another is up, and its request is asked of another one.
    With `resend` off, where each request is charged, it is not: the member may have
    answered.  A timed request stays with its member, since its failure was seen.
    """

    per_member: int
    rest_s: float = 5.0
    resend: bool = True


class Fleet:
    """Asks the member with the fewest requests in flight; a `Backend` itself."""

    def __init__(
        self, members: Sequence[Backend], settings: FleetSettings, clock: Callable[[], float]
    ) -> None:
        """Take the members and a clock in monotonic seconds; raise `UsageError` for a fleet of none."""
        if not members or settings.per_member < 1:
            raise UsageError(
                f"a fleet of {len(members)} servers with {settings.per_member} requests each answers "
                "nothing; name at least one server and one request"
            )
        self._members = [_Member(backend) for backend in members]
        self._settings = settings
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def generate(self, request: GenerationRequest) -> Response | GenerationFailure:
        """Return the reply of one member, or why none of them gave one."""
        return await self._ask(lambda member: member.generate(request), self._members, once=request.timed)

    def post(self, request: GenerationRequest, told: Told) -> GiveUp | None:
        """Post through the least busy member and return what gives that up, None where none can.

        Who already waits for a turn is not overtaken.
        """
        member = None if self._waiting else self._least_busy(self._members)
        if member is None or not isinstance(member.backend, Posting):
            return None
        trip = _Trip(self, request, told)
        return trip.give_up if trip.depart(member, member.backend) else None

    async def weigh(self, prompt: ChoicePrompt) -> ChoiceResponse | GenerationFailure:
        """Return the log-likelihoods by one member, or why none of them gave any."""
        return await self._ask(lambda member: member.weigh(prompt), self._members, once=False)

    def leave(self, member: "_Member") -> None:
        """Give the room at a member back."""
        member.in_flight -= 1
        self._wake_one()

    def passed_over(self, member: "_Member", outcome: object) -> bool:
        """Let a member rest that is in trouble, and return whether it is."""
        troubled = isinstance(outcome, GenerationFailure) and outcome.kind in _ELSEWHERE
        member.rests_until_s = self._clock() + self._settings.rest_s if troubled else 0.0
        return troubled

    async def elsewhere(
        self, request: GenerationRequest, but: "_Member", outcome: Response | GenerationFailure
    ) -> Response | GenerationFailure:
        """Return what the members `but` one say, or `outcome`, its own, where nobody else may be asked."""
        others = [member for member in self._members if member is not but]
        if not (others and self._settings.resend):
            return outcome
        return await self._ask(lambda member: member.generate(request), others, once=False)

    async def _ask(
        self,
        ask: Callable[[Backend], Awaitable[_T | GenerationFailure]],
        among: Sequence["_Member"],
        *,
        once: bool,
    ) -> _T | GenerationFailure:
        untried = list(among)
        while True:
            member = await self._turn(untried)
            try:
                outcome = await ask(member.backend)
            finally:
                self.leave(member)
            troubled = self.passed_over(member, outcome)
            untried.remove(member)
            if once or not (troubled and untried and self._settings.resend):
                return outcome

    async def _turn(self, among: Sequence["_Member"]) -> "_Member":
        """Wait for a member with room, and take that room."""
        while (member := self._least_busy(among)) is None:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake_one()
                raise
        member.in_flight += 1
        return member

    def _least_busy(self, among: Sequence["_Member"]) -> "_Member | None":
        now_s = self._clock()
        up = [member for member in among if member.rests_until_s <= now_s] or among
        least = min(up, key=lambda member: member.in_flight)
        return least if least.in_flight < self._settings.per_member else None

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


@dataclass(slots=True, eq=False)
class _Member:
    backend: Backend
    in_flight: int = 0
    rests_until_s: float = 0.0


class _Trip:
    """A request posted through a member of a fleet; in trouble it goes on as a task among the others."""

    __slots__ = ("_fleet", "_give_up", "_member", "_request", "_task", "_told")

    def __init__(self, fleet: Fleet, request: GenerationRequest, told: Told) -> None:
        self._fleet = fleet
        self._request = request
        self._told = told
        self._member: _Member | None = None
        self._give_up: GiveUp | None = None
        self._task: asyncio.Task[None] | None = None

    def depart(self, member: _Member, backend: Posting) -> bool:
        self._give_up = backend.post(self._request, self._returned)
        if self._give_up is None:
            return False
        self._member = member
        member.in_flight += 1
        return True

    def give_up(self) -> None:
        if self._member is not None:
            self._fleet.leave(self._member)
            self._member = None
        if self._give_up is not None:
            self._give_up()
        if self._task is not None:
            self._task.cancel()

    def _returned(self, outcome: Response | GenerationFailure) -> None:
        member, self._member = self._member, None
        self._give_up = None
        if member is None:
            return
        self._fleet.leave(member)
        if self._fleet.passed_over(member, outcome):
            self._task = asyncio.get_running_loop().create_task(self._go_on(member, outcome))
        else:
            self._told(outcome)

    async def _go_on(self, member: _Member, outcome: Response | GenerationFailure) -> None:
        self._told(await self._fleet.elsewhere(self._request, member, outcome))
