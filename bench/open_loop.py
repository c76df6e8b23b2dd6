"""Whether requests leave when the schedule says: lateness, achieved rate, and how Poisson it is.

Lateness ends where the client writes the request; *whole at the server* is where nobody's
word is needed, a wake-up of the other process later.  The peer paces as most load generators
do: `asyncio.sleep` until the instant, then a task.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

import msgspec

from bench.figure import Figure, Finding, Goal, NotMeasured, Unmeasured, at_most
from bench.open_loop_contest import Departures
from bench.pacing import achieved_share, dispersion, lateness_ms
from bench.process import last_line, require, serving
from bench.readings import percentile

_RATE = 1000.0
_REQUESTS = 10_000
_TURNS = 3
_WINDOW_S = 0.005
_PEER = "aiohttp"
_SHARES = (0.5, 0.99)

_WRITTEN, _WHOLE = "lateness", "whole at the server"
_ARRIVED = f"{_WHOLE} p50"
_OFF, _UNEVEN = "error of the rate", "variance over mean of counts, distance from 1"
_GOALS: Mapping[str, Goal] = {
    f"{_WRITTEN} p50": at_most(0.1),
    _OFF: at_most(0.005),
    _UNEVEN: at_most(0.1),
}


def figures() -> Iterator[Finding]:
    """Yield lateness, the error of the rate and of the Poisson counts at 1,000 requests/s."""
    where = f"open loop at {_RATE:g}/s"
    with serving("bench.instant_server") as url:
        try:
            require(_PEER)
        except NotMeasured as why:
            yield Unmeasured(name=f"{where}, {_PEER}", reason=str(why))
            ours = _medians([_measured("weighbridge", url, turn) for turn in range(_TURNS)])
            yield from _figures(where, ours, _GOALS)
            return
        turns = [(_measured("weighbridge", url, turn), _measured(_PEER, url, turn)) for turn in range(_TURNS)]
    ours, theirs = (_medians([turn[place] for turn in turns]) for place in range(2))
    yield from _figures(where, ours, _GOALS)
    yield from _figures(f"{where}, {_PEER}", theirs, {})
    sooner = theirs[_ARRIVED] / ours[_ARRIVED]
    yield Figure(
        name=f"{where}, times sooner {_ARRIVED} than {_PEER}",
        value=sooner,
        unit="x",
        peer=_PEER,
        ratio=sooner,
    )


def _figures(where: str, values: Mapping[str, float], goals: Mapping[str, Goal]) -> Iterator[Figure]:
    for name, value in values.items():
        yield Figure(name=f"{where}, {name}", value=value, unit=_unit(name), goal=goals.get(name))


def _measured(name: str, url: str, turn: int) -> dict[str, float]:
    """Return every value of one turn, which has a schedule of its own, by name."""
    asked = ("--rate", f"{_RATE:g}", "--requests", str(_REQUESTS), "--seed", str(turn))
    line = last_line("bench.open_loop_contest", name, url, *asked)
    found = msgspec.json.decode(line, type=Departures)
    due_s = [each.due_s for each in found.dispatches]
    whole_s = [each.whole_s for each in found.dispatches]
    written_s = [each.sent_s for each in found.dispatches if each.sent_s is not None]
    values = _late(_WRITTEN, due_s, written_s) if written_s else {}
    left_s = written_s or whole_s
    values |= _late(_WHOLE, due_s, whole_s)
    values[_OFF] = abs(achieved_share(due_s, left_s) - 1)
    values[_UNEVEN] = abs(dispersion(left_s, window_s=_WINDOW_S) - 1)
    if found.waited_s is not None:
        values["share of time in line for a core"] = found.waited_s / found.wall_s
    return values


def _late(name: str, due_s: Sequence[float], came_s: Sequence[float]) -> dict[str, float]:
    late_ms = lateness_ms(due_s, came_s)
    return {f"{name} p{share * 100:g}": percentile(late_ms, share) for share in _SHARES}


def _medians(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: median(turn[name] for turn in turns) for name in turns[0]}


def _unit(name: str) -> str:
    return "ms" if name.startswith((_WRITTEN, _WHOLE)) else ""
