"""What one evaluated item costs: hashed, sent, decoded, scored and kept, by everybody in turn.

The questions, the server and the machine are the same for all.  Contestants take turns, so
that a slow minute of the machine falls on each of them; every figure is a median over turns.
"""

from collections.abc import Iterator
from statistics import median

import msgspec

from bench.contest import Costs
from bench.figure import Figure, Finding, NotMeasured, Unmeasured, at_least, at_most
from bench.process import last_line, require, serving
from bench.wrk import Ceiling, ceiling

_TURNS = 3
_CONCURRENCY = 64
_RAW = "raw protocol"
_ITEMS = {
    "weighbridge": 20_000,
    _RAW: 20_000,
    "aiohttp": 10_000,
    "httpx": 1_000,
    "openai": 2_000,
    "lm_eval": 2_000,
    "inspect_ai": 300,
}
_OWN = {"weighbridge", _RAW}
_TIMES_CHEAPER = {"openai": 60.0, "lm_eval": 70.0, "inspect_ai": 400.0}
_WRK_S = 2
_US = "us"


def figures() -> Iterator[Finding]:
    """Yield CPU microseconds an item and items a second, beside wrk and every peer installed."""
    names, missing = _entrants()
    yield from missing
    with serving("bench.instant_server") as url:
        try:
            yield from _beside_wrk(url)
        except NotMeasured as why:
            yield Unmeasured(name="items a second as a share of wrk's", reason=str(why))
        yield from _beside_peers(url, names)


def _entrants() -> tuple[list[str], list[Unmeasured]]:
    """Return who can take part, and who cannot and why."""
    able, missing = [], []
    for name in _ITEMS:
        try:
            if name not in _OWN:
                require(name)
            able.append(name)
        except NotMeasured as why:
            missing.append(Unmeasured(name=f"{name}, CPU an item", reason=str(why)))
    return able, missing


def _beside_wrk(url: str) -> Iterator[Figure]:
    turns: list[tuple[Ceiling, Costs]] = [
        (ceiling(url, connections=_CONCURRENCY, seconds=_WRK_S), _costs("weighbridge", url))
        for _ in range(_TURNS)
    ]
    shares = [mine.items_per_s / theirs.requests_per_s for theirs, mine in turns]
    yield Figure(name="wrk, CPU a request", value=median(theirs.cpu_us for theirs, _ in turns), unit=_US)
    yield Figure(
        name="wrk, requests a second",
        value=median(theirs.requests_per_s for theirs, _ in turns),
        unit="1/s",
    )
    yield Figure(
        name="items a second",
        value=median(mine.items_per_s for _, mine in turns),
        unit="1/s",
        peer="wrk",
        ratio=median(shares),
    )
    yield Figure(
        name="items a second as a share of wrk's", value=median(shares), unit="", goal=at_least(0.35)
    )
    in_line = [share for _, mine in turns if (share := mine.large.in_line) is not None]
    if in_line:
        yield Figure(name="share of time in line for a core", value=median(in_line), unit="")


def _beside_peers(url: str, names: list[str]) -> Iterator[Finding]:
    turns = [_turn(url, names) for _ in range(_TURNS)]
    failed = {name: why for turn in turns for name, why in turn.items() if isinstance(why, str)}
    for name, why in failed.items():
        yield Unmeasured(name=f"{name}, CPU an item", reason=why)
    measured = [{name: found for name, found in turn.items() if isinstance(found, float)} for turn in turns]
    if "weighbridge" in failed:
        return
    ours = median(turn["weighbridge"] for turn in measured)
    yield Figure(name="weighbridge, CPU an item", value=ours, unit=_US, goal=at_most(25))
    for name in names:
        if name in failed or name == "weighbridge":
            continue
        yield from _above_raw(measured) if name == _RAW else _against(name, measured)


def _turn(url: str, names: list[str]) -> dict[str, float | str]:
    """Return CPU microseconds an item by contestant, or why one could not be measured."""
    found: dict[str, float | str] = {}
    for name in names:
        try:
            found[name] = _costs(name, url).cpu_us
        except NotMeasured as why:
            found[name] = str(why)
    return found


def _above_raw(turns: list[dict[str, float]]) -> Iterator[Figure]:
    """What an item costs beyond the wire: the goal was set where a raw protocol took 8 us an item."""
    yield Figure(name="raw protocol, CPU an item", value=median(turn[_RAW] for turn in turns), unit=_US)
    times = median(turn["weighbridge"] / turn[_RAW] for turn in turns)
    yield Figure(name="times the CPU of a raw protocol", value=times, unit="x", goal=at_most(25 / 8))


def _against(name: str, turns: list[dict[str, float]]) -> Iterator[Figure]:
    yield Figure(name=f"{name}, CPU an item", value=median(turn[name] for turn in turns), unit=_US)
    times = median(turn[name] / turn["weighbridge"] for turn in turns)
    wanted = _TIMES_CHEAPER.get(name)
    yield Figure(
        name=f"times less CPU an item than {name}",
        value=times,
        unit="x",
        goal=None if wanted is None else at_least(wanted),
        peer=name,
        ratio=times,
    )


def _costs(name: str, url: str) -> Costs:
    line = last_line(
        "bench.contest", name, url, "--items", str(_ITEMS[name]), "--concurrency", str(_CONCURRENCY)
    )
    return msgspec.json.decode(line, type=Costs)
