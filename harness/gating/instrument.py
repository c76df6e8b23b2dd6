"""What was read off a clock -> what may be believed of it, with the goodput of both sides beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from harness.domain.conditions import Conditions, together
from harness.domain.objective import Objective
from harness.domain.policy import LatencyPolicy
from harness.domain.response import Response
from harness.domain.run import ItemResult
from harness.gating.assessment import Assessment
from harness.gating.conditions import Span, distrusted, late_s, percentile_s, vouched
from harness.gating.minimum import fewest_latency_pairs
from harness.gating.waiting import QUANTILES, seconds_of
from harness.stats.quantiles import minimum_sample, quantile

Sides = tuple[Sequence[ItemResult], Sequence[ItemResult]]
"""The results of a baseline and of a candidate."""


def believed(
    assessment: Assessment, sides: Sides, policy: LatencyPolicy, stretches: Sequence[Conditions] | None
) -> Assessment:
    """Return the assessment with goodput in its evidence, INVALID where the clock was not to be trusted.

    Stretches of None are for waiting times whose measuring somebody else answers for.  A
    question that was asked too few times to be answered stays so, and says what else is wrong.
    """
    if assessment.evidence is None:
        return assessment
    details = dict(assessment.evidence.details) | _goodput(sides, policy.objective)
    if stretches is not None:
        details |= _instrument(sides, together(stretches))
    shown = replace(assessment, evidence=replace(assessment.evidence, details=details))
    why = None if stretches is None else _why_not(sides, policy, stretches)
    if why is None:
        return shown
    if assessment.evidence.n < fewest_latency_pairs():
        return replace(shown, shortfall=f"{assessment.shortfall}; besides, {why}")
    return replace(shown, invalid=why)


def spans(results: Sequence[ItemResult], metrics: Sequence[str], of: str = "") -> tuple[Span, ...]:
    """Return what the quantiles of `metrics` were read from, as far as the sample carries them.

    A time per token is read off the clock at the first and at the last token of a reply, so
    it is that stretch of time which the clock's own error has to be small against.
    """
    return tuple(_spans(results, metrics, of))


def limits_of(results: Sequence[ItemResult], objective: Objective) -> tuple[Span, ...]:
    """Return what waits are held against where only goodput counts: the objective's own limits.

    The one on the time per token as the stretch it allows the median reply of several tokens.
    """
    first = Span(name="the longest good ttft_s", seconds=objective.ttft_s)
    outcomes = [each.outcome for each in results if isinstance(each.outcome, Response)]
    gaps = [each.completion_tokens - 1 for each in outcomes if each.completion_tokens > 1]
    if not gaps:
        return (first,)
    return (first, Span(name="the longest good tpot_s over a reply", seconds=objective.tpot_s * median(gaps)))


def goodput_share(results: Sequence[ItemResult], objective: Objective) -> float:
    """Return the share of results that met the objective, failures being misses; 0 of none."""
    return sum(objective.met_by(each.outcome) for each in results) / len(results) if results else 0.0


def output_tokens(results: Sequence[ItemResult]) -> int:
    """Return how many tokens were answered with."""
    return sum(each.outcome.completion_tokens for each in results if isinstance(each.outcome, Response))


def _why_not(sides: Sides, policy: LatencyPolicy, stretches: Sequence[Conditions]) -> str | None:
    recorded = {run_id: len(side) for side in sides for run_id in {each.run_id for each in side}}
    read = [
        span
        for name, side in zip(("the baseline's ", "the candidate's "), sides, strict=True)
        for span in spans(side, policy.metrics, name)
    ]
    return vouched(stretches, recorded) or distrusted(stretches, read)


def _spans(results: Sequence[ItemResult], metrics: Sequence[str], of: str) -> Iterator[Span]:
    for metric in metrics:
        times = [_on_the_clock(each, metric) for each in results]
        known = [each for each in times if each is not None]
        for q in QUANTILES:
            if len(known) >= minimum_sample(q):
                yield Span(name=f"{of}{metric} p{100 * q:g}", seconds=quantile(known, q))


def _on_the_clock(result: ItemResult, metric: str) -> float | None:
    if metric != "tpot_s":
        return seconds_of(result, metric)
    outcome = result.outcome
    if not isinstance(outcome, Response) or outcome.timing is None or outcome.timing.tpot_s is None:
        return None
    return outcome.timing.e2e_s - outcome.timing.ttft_s


def _goodput(sides: Sides, objective: Objective) -> dict[str, float]:
    return {
        f"goodput_share_{name}": goodput_share(side, objective)
        for name, side in zip(("baseline", "candidate"), sides, strict=True)
    }


def _instrument(sides: Sides, seen: Conditions) -> dict[str, float]:
    details = {
        "client_lag_p99_s": percentile_s(seen.lags_us, 0.99),
        "dispatch_lateness_p99_s": percentile_s(seen.lateness_us, 0.99),
        "client_late_p99_s": late_s(seen),
        "client_busy_share": seen.busy_share,
        "achieved_rate_share": seen.achieved_share,
        "coalesced_share": seen.coalesced_share,
        "prefix_cache_hit_share": seen.cached_share,
    }
    if seen.wall_s > 0:
        details |= {
            f"output_tokens_per_s_{name}": output_tokens(side) / seen.wall_s
            for name, side in zip(("baseline", "candidate"), sides, strict=True)
        }
    return details
