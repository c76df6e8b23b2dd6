"""Mean scores of runs and of their parts, with intervals that heed items of one source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness import ItemResult, Response, RunKind, RunSpec, bounded_mean_interval
from reports.gate.record import GateRecord
from reports.plain_text import harmless

_ALPHA = 0.025
"""On either side, which makes the intervals those of 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean of one metric, or of one of its parts, over the items of one run.

    `low` and `high` are its 95 % interval, None where all items share one source.
    """

    subject: str
    arm: str
    side: str
    metric: str
    part: str
    items: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Mean tokens of the replies of a run."""

    subject: str
    arm: str
    side: str
    replies: int
    prompt_tokens: float
    completion_tokens: float


def means(record: GateRecord) -> tuple[Mean, ...]:
    """Return the mean of every metric of every run, parts after the metric they belong to."""
    return tuple(
        mean
        for run in record.manifest.runs
        if run.kind is not RunKind.LATENCY
        for mean in _of_run(run, record.results.get(run.id, ()))
    )


def spent(record: GateRecord) -> tuple[Spent, ...]:
    """Return what the replies to tasks took in tokens, run by run."""
    found = []
    for run in record.manifest.runs:
        replies = [
            each.outcome for each in record.results.get(run.id, ()) if isinstance(each.outcome, Response)
        ]
        if replies and run.kind is RunKind.TASK:
            found.append(
                Spent(
                    subject=harmless(run.subject, longest=100),
                    arm=str(run.candidate.arm),
                    side=str(run.side),
                    replies=len(replies),
                    prompt_tokens=sum(reply.prompt_tokens for reply in replies) / len(replies),
                    completion_tokens=sum(reply.completion_tokens for reply in replies) / len(replies),
                )
            )
    return tuple(found)


def _of_run(run: RunSpec, results: Sequence[ItemResult]) -> Iterator[Mean]:
    values: dict[tuple[str, str], list[float]] = {}
    clusters: dict[tuple[str, str], list[str]] = {}
    for result in results:
        for metric, score in result.scores.items():
            for part, value in (("", score.value), *score.parts.items()):
                values.setdefault((metric, part), []).append(value)
                clusters.setdefault((metric, part), []).append(result.cluster)
    for (metric, part), found in values.items():
        low, high = _interval(found, clusters[metric, part])
        yield Mean(
            subject=harmless(run.subject, longest=100),
            arm="" if run.kind is RunKind.PROBE else str(run.candidate.arm),
            side=str(run.side),
            metric=harmless(metric, longest=100),
            part=harmless(part, longest=100),
            items=len(found),
            value=sum(found) / len(found),
            low=low,
            high=high,
        )


def _interval(values: Sequence[float], clusters: Sequence[str]) -> tuple[float | None, float | None]:
    """Return the bounds within [0, 1]; items that all share one source have none."""
    if len(set(clusters)) < 2:  # noqa: PLR2004 - one source says nothing of its spread
        return None, None
    return bounded_mean_interval(values, clusters, alpha=_ALPHA, lowest=0.0)
