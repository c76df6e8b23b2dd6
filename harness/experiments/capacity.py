"""How much a checkpoint can carry: the highest Poisson rate at which its replies are still good."""

from dataclasses import dataclass
from typing import Protocol

from harness.engine.closed_loop import ClosedLoop
from harness.engine.open_loop import OpenLoop
from harness.engine.rate_search import RateSearch
from harness.engine.stop_watch import Pace
from harness.experiments.latency import LatencyRequest, Timed, on_stand, pace_asked
from harness.experiments.progress import Progress

_FULL = 32
_LOWEST_SHARE = 1 / 32
_SLOWEST_PER_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a search for the highest rate found, and everything it tried, in order.

    A rate at which the client did not keep up is not carried as far as anybody knows: the
    search goes on below it, and what it finds is carried all the same.  So it does for
    anything else that is wrong where a lower rate was carried without it; where none was,
    it ends on what no lower rate would mend.
    """

    search: RateSearch
    tried: tuple[Timed, ...]

    @property
    def doubt(self) -> str | None:
        """Why the lowest rate that was not carried may be after all, None where there is no doubt."""
        return next((each.summary.invalid for each in self.tried if _rate(each) == self.search.bad), None)

    @property
    def invalid(self) -> str | None:
        """Why nothing is known, None when something is: that a rate is carried, or that none is."""
        return self.tried[-1].summary.invalid if self.search.good is None else None


class Trials(Protocol):
    """Somebody who times a checkpoint at one load after the other."""

    async def timed(self, pace: Pace, *, requests: int | None = None) -> Timed:
        """Return the waiting times at a load."""
        ...

    async def tried(self, pace: Pace) -> Timed:
        """Return whether a load is carried, as soon as that is known."""
        ...


def find_rate(request: LatencyRequest, first_per_s: float | None, progress: Progress) -> Capacity:
    """Return the highest rate at which `request.goodput` of the replies meet the objective.

    The search begins at `first_per_s` requests a second or, where that is None, at the rate at
    which 32 in flight are answered.  It gives up at a thirty-second of that.
    """
    begun = None if first_per_s is None else _search(first_per_s)
    return on_stand(request, lambda stand: searched(stand, request, begun, progress), progress)


async def searched(
    stand: Trials, request: LatencyRequest, begun: RateSearch | None, progress: Progress
) -> Capacity:
    """Return what `stand` carries, tried from where `begun` begins or from its own full speed."""
    known, tried = begun, list[Timed]()
    if known is None:
        progress.say(f"measuring with {_FULL} requests in flight")
        tried.append(await stand.timed(ClosedLoop(concurrency=_FULL), requests=2 * _FULL))
        known = _search(max(_SLOWEST_PER_S, tried[0].summary.requests_per_s))
    while (rate := known.next_rate) is not None:
        progress.say(f"trying {rate:.3g} requests a second")
        found = await stand.tried(pace_asked(concurrency=_FULL, rate_per_s=rate, seed=request.seed))
        tried.append(found)
        is_fit = found.summary.invalid is None
        if not is_fit and known.good is None and not found.summary.invalid_by_load:
            return Capacity(search=known, tried=tuple(tried))
        is_good = is_fit and found.summary.goodput_share >= request.goodput
        known = known.told(rate, went_well=is_good)
    return Capacity(search=known, tried=tuple(tried))


def _search(first_per_s: float) -> RateSearch:
    return RateSearch(first=first_per_s, floor=max(_SLOWEST_PER_S, first_per_s * _LOWEST_SHARE))


def _rate(timed: Timed) -> float | None:
    return timed.pace.rate_per_s if isinstance(timed.pace, OpenLoop) else None
