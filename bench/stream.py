"""Whether the stop-watch tells the truth: what clients read off streams whose truth is known.

The lock-step server writes into every chunk when it left.  How late a client saw it is the
client's lag; how far its percentiles are from those of the stamps is the error of every
latency it would report.  Where the clock of a general client is read where the program gets
a chunk, this one's is read where the socket is.  The bare reader stands for what is possible.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

import msgspec

from bench.figure import Figure, Finding, Goal, NotMeasured, Unmeasured, at_most
from bench.process import last_line, require, serving
from bench.readings import allowed_ms, coalesced_share, compared, percentile
from bench.stream_contest import Reading

_TOKENS = 64
_REPLIES = 8
_GAP_MS = 10
_OURS, _BARE = "weighbridge", "bare reader"
# At 256 streams httpx and the openai SDK do not keep up at all: a turn would take minutes.
_PEERS = {64: (_BARE, "aiohttp", "httpx", "openai"), 256: (_BARE, "aiohttp")}
_CPU = "CPU a chunk"
_GAPS, _WAITS = (0.5, 0.95, 0.99), (0.5, 0.99)


def figures() -> Iterator[Finding]:
    """Yield CPU a chunk, lag and error of every percentile, at 64 and 256 streams of 10 ms."""
    with serving("bench.lockstep_server", "--tokens", str(_TOKENS), "--gap-ms", str(_GAP_MS)) as url:
        for streams, peers in _PEERS.items():
            turns, theirs = _interleaved(url, streams, peers)
            ours = _medians(turns)
            yield from _figures(f"{streams} streams", ours, _goals(streams, ours))
            for name, found in theirs.items():
                yield from _beside(f"{streams} streams", name, found, ours[_CPU])


def _interleaved(
    url: str, streams: int, peers: Sequence[str]
) -> tuple[list[dict[str, float]], dict[str, dict[str, float] | str]]:
    """Return our turns, one before, one after and one amid those of the peers, and theirs by name."""
    ours, theirs = [_measured(_OURS, url, streams)], dict[str, dict[str, float] | str]()
    for place, name in enumerate(peers, start=1):
        theirs[name] = _measured_or_why(name, url, streams)
        if place in {len(peers) // 2, len(peers)}:
            ours.append(_measured(_OURS, url, streams))
    return ours, theirs


def _measured_or_why(name: str, url: str, streams: int) -> dict[str, float] | str:
    try:
        if name != _BARE:
            require(name)
        return _measured(name, url, streams)
    except NotMeasured as why:
        return str(why)


def _beside(where: str, name: str, found: dict[str, float] | str, ours_us: float) -> Iterator[Finding]:
    if isinstance(found, str):
        yield Unmeasured(name=f"{where}, {name}", reason=found)
        return
    yield from _figures(f"{where}, {name}", found, {})
    times = found[_CPU] / ours_us
    yield Figure(
        name=f"{where}, times less CPU a chunk than {name}", value=times, unit="x", peer=name, ratio=times
    )


def _figures(where: str, values: Mapping[str, float], goals: Mapping[str, Goal]) -> Iterator[Figure]:
    for name, value in values.items():
        yield Figure(name=f"{where}, {name}", value=value, unit=_unit(name), goal=goals.get(name))


def _measured(contestant: str, url: str, streams: int) -> dict[str, float]:
    """Return every value of one turn by name."""
    line = last_line(
        "bench.stream_contest", contestant, url, "--streams", str(streams), "--replies", str(_REPLIES)
    )
    found = msgspec.json.decode(line, type=Reading)
    seen = compared(found.reads)
    values = {
        _CPU: 1e6 * found.cpu_s / len(seen.lags_ms),
        "share of a core": found.cpu_s / found.wall_s,
        "share of chunks seen together": coalesced_share(found.reads),
    }
    if found.waited_s is not None:
        values["share of time in line for a core"] = found.waited_s / found.wall_s
    for share in _WAITS:
        values[f"lag p{share * 100:g}"] = percentile(seen.lags_ms, share)
    for share in _WAITS:
        values[f"dispatch p{share * 100:g}"] = percentile(seen.dispatch_ms, share)
    for share in _GAPS:
        values |= _beside_truth(f"chunk gap p{share * 100:g}", seen.gaps_ms, seen.true_gaps_ms, share)
    for share in _WAITS:
        values |= _beside_truth(f"TTFT p{share * 100:g}", seen.ttfts_ms, seen.true_ttfts_ms, share)
    return values


def _beside_truth(name: str, read: Sequence[float], true: Sequence[float], share: float) -> dict[str, float]:
    truth_ms = percentile(true, share)
    return {f"{name}, truth": truth_ms, f"{name}, error": abs(percentile(read, share) - truth_ms)}


def _goals(streams: int, values: Mapping[str, float]) -> dict[str, Goal]:
    """At 64 streams every percentile counts, at 256 the median of the gaps."""
    gaps = [f"chunk gap p{share * 100:g}" for share in _GAPS]
    if streams != min(_PEERS):
        return {_CPU: at_most(10), f"{gaps[0]}, error": at_most(0.01 * values[f"{gaps[0]}, truth"])}
    goals = {_CPU: at_most(10), "lag p50": at_most(0.3)}
    for name in gaps:
        goals[f"{name}, error"] = at_most(allowed_ms(values[f"{name}, truth"], share=0.02, floor_ms=0.3))
    for share in _WAITS:
        name = f"TTFT p{share * 100:g}"
        goals[f"{name}, error"] = at_most(allowed_ms(values[f"{name}, truth"], share=0.01, floor_ms=1.0))
    return goals


def _medians(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: median(turn[name] for turn in turns) for name in turns[0]}


def _unit(name: str) -> str:
    if name == _CPU:
        return "us"
    return "" if name.startswith("share") else "ms"
