"""An open loop: requests begun at instants that were drawn up front, whatever became of the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.engine.alarm import Until, alarm, until
from harness.engine.arrivals import poisson_schedule
from harness.engine.closed_loop import Begin
from harness.engine.timed import TimedWork
from harness.engine.work import ReplyWork

_LEAD_S = 0.01
"""Between the drawing of the schedule and its beginning."""

_AWAKE_S, _AWAKE_SHARE = 150e-6, 0.1
"""How long before an instant the client is awake, and at most what share of a core that may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoop:
    """Begins `rate_per_s` requests a second at the instants of a Poisson process.

    A request that cannot be begun in time is begun late and never left out; what its user
    waits counts from the instant it was due.  `wait` replaces the system's alarm.
    """

    rate_per_s: float
    seed: int
    wait: Until | None = None

    async def dispatch(
        self,
        warm_up: Sequence[ReplyWork],
        works: Sequence[ReplyWork],
        begin: Begin,
        clock: Callable[[], float],
    ) -> None:
        """Begin every work at its own instant; return when the last has begun."""
        begin_s = clock() + _LEAD_S
        count = len(warm_up) + len(works)
        offsets = poisson_schedule(count, rate_per_s=self.rate_per_s, seed=self.seed)
        with alarm(clock) as ringing:
            awake_s = min(_AWAKE_S, _AWAKE_SHARE / self.rate_per_s)
            wait = self.wait or until(ringing, clock, awake_s=awake_s)
            for place, (work, offset_s) in enumerate(zip((*warm_up, *works), offsets, strict=True)):
                due_s = begin_s + offset_s
                if due_s > clock():
                    await wait(due_s)
                begin(TimedWork(work=work, due_s=due_s, kept=place >= len(warm_up), scheduled=True))
