"""Whether a client's own clock can be believed: conditions -> a sentence that says why not.

A client that is late itself reports its own lag as the model's.  The limits are rules about
the instrument, not tests: they have no error rate.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.domain.conditions import Conditions, together

ConditionsOf = Callable[[str], Sequence[Conditions]]
"""Gives what the waiting times of a pair of runs were measured under, by the pair's name."""

LATE_SHARE = 0.05
ACHIEVED_SHARE = 0.99
BUSY_SHARE = 0.80
COALESCED_SHARE = 0.05
CACHED_SHARE, CACHED_TOKENS = 0.05, 128
MOSTLY_CACHED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time that was read off the client's clock, and what it was read for."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why waiting times must not be used, as a sentence; `by_load` where less load may mend it."""

    reason: str
    by_load: bool


def vouched(stretches: Sequence[Conditions], recorded: Mapping[str, int]) -> str | None:
    """Return why some of the `recorded` results (counts by run id) stand without conditions, or None."""
    whole = together(stretches)
    lacking = sum(max(0, count - whole.answered.get(run_id, 0)) for run_id, count in recorded.items())
    if not lacking:
        return None
    return (
        f"{lacking} of {sum(recorded.values())} waiting times have no record of how well the client kept up; "
        "begin the gate anew to measure them again"
    )


def distrusted(stretches: Sequence[Conditions], spans: Iterable[Span]) -> str | None:
    """Return in a sentence why waiting times under these conditions must not be used, or None.

    `spans` are what is decided on; the client must be surer than a twentieth of the shortest.
    """
    doubt = doubted(together(stretches), spans)
    return None if doubt is None else doubt.reason


def doubted(seen: Conditions, spans: Iterable[Span]) -> Doubt | None:
    """Return why waiting times under the conditions `seen` must not be used, or None; see `distrusted`.

    What the client cannot keep up with comes before what is wrong with the wire.
    """
    by_load = next(_overasked(seen, tuple(spans)), None)
    if by_load is not None:
        return Doubt(reason=by_load, by_load=True)
    return next((Doubt(reason=each, by_load=False) for each in _misled(seen)), None)


def percentile_s(values_us: Sequence[int], q: float) -> float:
    """Return the order statistic at rank ceil(q n) of whole microseconds, in seconds; 0 of none."""
    if not values_us:
        return 0.0
    rank = math.ceil(q * len(values_us) - 1e-9) - 1
    return sorted(values_us)[rank] / 1e6


def late_s(conditions: Conditions) -> float:
    """Return how late the client was itself, p99: of seeing what arrived, and of beginning requests."""
    return percentile_s(conditions.lags_us, 0.99) + percentile_s(conditions.lateness_us, 0.99)


def _overasked(seen: Conditions, spans: Sequence[Span]) -> Iterator[str]:
    late = late_s(seen)
    shortest = min(spans, key=lambda span: span.seconds, default=None)
    if shortest is not None and late > LATE_SHARE * shortest.seconds:
        yield (
            f"the client itself was {1e3 * late:.2g} ms late (p99), over {100 * LATE_SHARE:g} % of the "
            f"{1e3 * shortest.seconds:.4g} ms of {shortest.name}; give it a "
            "core of its own, or ask less at once"
        )
    if seen.achieved_share < ACHIEVED_SHARE:
        yield (
            f"requests were begun at {100 * seen.achieved_share:.1f} % of the planned rate, under "
            f"{100 * ACHIEVED_SHARE:g} %; ask for a lower rate or a faster client"
        )
    if seen.busy_share > BUSY_SHARE:
        yield (
            f"the client's own core was {100 * seen.busy_share:.0f} % busy, over {100 * BUSY_SHARE:g} %; "
            "ask less at once or measure from a faster machine"
        )


def _misled(seen: Conditions) -> Iterator[str]:
    if not seen.lags_us:
        yield "the client kept no watch on itself, so nothing says that its clock was right; measure again"
    if seen.coalesced_share > COALESCED_SHARE:
        yield (
            f"{100 * seen.coalesced_share:.0f} % of the chunks came together with the one before, over "
            f"{100 * COALESCED_SHARE:g} %, so they do not tell when tokens were made; look for a proxy that "
            "holds the stream back"
        )
    if _is_cached(seen):
        yield (
            f"the servers took {100 * seen.cached_share:.0f} % of the prompts from their prefix cache, and "
            "every prompt was new; look for somebody else who uses them, or for a cache before them"
        )


def _is_cached(seen: Conditions) -> bool:
    """New prompts share no more than what a chat template puts before the first of their own words."""
    requests = max(1, sum(seen.answered.values()))
    many = seen.cached_tokens / requests > CACHED_TOKENS and seen.cached_share > CACHED_SHARE
    return many or seen.cached_share > MOSTLY_CACHED
