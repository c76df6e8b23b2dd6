"""Timed replies -> the figures of a stop-watch: percentiles, goodput, and what the client was like."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.domain.conditions import Conditions
from harness.domain.objective import Objective
from harness.domain.response import GenerationFailure
from harness.engine.timed import TimedReply
from harness.gating.conditions import Span, doubted, percentile_s
from harness.gating.instrument import goodput_share, output_tokens, spans
from harness.gating.waiting import seconds_of
from harness.stats.quantiles import minimum_sample, quantile

SHOWN = (0.5, 0.95, 0.99)
METRICS = ("ttft_s", "tpot_s", "e2e_s")
GAP = "chunk_gap_s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """The quantiles `SHOWN` of one waiting time in seconds over `n`; None where n cannot carry one."""

    metric: str
    n: int
    seconds: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySummary:
    """One measurement of waiting times.

    `goodput_share` is the share of requests that met the objective, failures being misses;
    rates are a second.  `invalid` says why the figures must not be used, or is None; with
    `invalid_by_load` they might be at a lower load.
    """

    requests: int
    failures: int
    percentiles: tuple[Percentiles, ...]
    goodput_share: float
    goodput_per_s: float
    requests_per_s: float
    output_tokens_per_s: float
    achieved_rate_share: float
    lateness_s: tuple[float, ...]
    lag_s: tuple[float, ...]
    busy_share: float
    coalesced_share: float
    prefix_cache_hit_share: float
    invalid: str | None
    invalid_by_load: bool


def summarise(
    replies: Sequence[TimedReply],
    seen: Conditions,
    objective: Objective,
    limits: Sequence[Span] | None = None,
) -> LatencySummary:
    """Return the figures of `replies`, measured under the conditions `seen`.

    The client's own error is held against `limits` or, where there are none, against what
    was measured.
    """
    results = [reply.result for reply in replies]
    share = goodput_share(results, objective)
    doubt = doubted(seen, spans(results, METRICS) if limits is None else limits)
    per_s = len(results) / seen.wall_s if seen.wall_s > 0 else 0.0
    return LatencySummary(
        requests=len(results),
        failures=sum(isinstance(each.outcome, GenerationFailure) for each in results),
        percentiles=_all_percentiles(replies),
        goodput_share=share,
        goodput_per_s=share * per_s,
        requests_per_s=per_s,
        output_tokens_per_s=output_tokens(results) / seen.wall_s if seen.wall_s > 0 else 0.0,
        achieved_rate_share=seen.achieved_share,
        lateness_s=tuple(percentile_s(seen.lateness_us, q) for q in SHOWN),
        lag_s=tuple(percentile_s(seen.lags_us, q) for q in SHOWN),
        busy_share=seen.busy_share,
        coalesced_share=seen.coalesced_share,
        prefix_cache_hit_share=seen.cached_share,
        invalid=None if doubt is None else doubt.reason,
        invalid_by_load=doubt is not None and doubt.by_load,
    )


def percentiles(metric: str, times_s: Iterable[float]) -> Percentiles:
    """Return the quantiles of some times; one that they cannot carry is refused."""
    known = sorted(times_s)
    return Percentiles(
        metric=metric,
        n=len(known),
        seconds=tuple(quantile(known, q) if len(known) >= minimum_sample(q) else None for q in SHOWN),
    )


def shown_ms(seconds: float | None) -> str:
    """Return a percentile in milliseconds; a failure waited for ever."""
    if seconds is None:
        return "too few"
    return "never" if math.isinf(seconds) else f"{1e3 * seconds:.4g}"


def _all_percentiles(replies: Sequence[TimedReply]) -> tuple[Percentiles, ...]:
    by_metric = [
        percentiles(
            metric, (each for each in (seconds_of(one.result, metric) for one in replies) if each is not None)
        )
        for metric in METRICS
    ]
    gaps = (gap for one in replies if one.trace is not None for gap in one.trace.gaps_s)
    return (*by_metric, percentiles(GAP, gaps))
