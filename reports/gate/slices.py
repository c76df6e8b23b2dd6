"""Scores by slice: the items of a task that carry one tag, both sides compared on them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness import bounded_mean_interval
from reports.gate.pairs import METRICS, ItemPair, PairedRuns, paired_runs
from reports.gate.record import GateRecord
from reports.plain_text import harmless

_ALPHA = 0.025
"""On either side, which makes the intervals those of 95 %."""
FEWEST = 5
"""Items of a slice: an interval over fewer says next to nothing."""
_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The items of one pair of runs that carry `tag`, scored on one metric.

    `reference` and `candidate` are means in [0, 1], `change` their difference in points, `low`
    and `high` its 95 % interval, None where all items share one source.
    """

    of: str
    tag: str
    metric: str
    items: int
    reference: float
    candidate: float
    change: float
    low: float | None
    high: float | None


def slices(record: GateRecord) -> tuple[Slice, ...]:
    """Return the slices of five items or more, those that lost most first, the first 200.

    None where the task that was asked is not at hand, or its items carry no tags.  Each interval
    holds alone: a slice is a place to look at and no verdict.
    """
    found = [each for runs in paired_runs(record) for each in _of_pair(record, runs)]
    return tuple(sorted(found, key=lambda each: (each.change, each.of, each.tag)))[:_MOST]


def _of_pair(record: GateRecord, runs: PairedRuns) -> Iterator[Slice]:
    task = record.tasks.get(runs.candidate.subject_digest)
    tags = {} if task is None else {item.id: item.tags for item in task.items}
    tagged: dict[str, list[ItemPair]] = {}
    for item in runs.items:
        for tag in dict.fromkeys(tags.get(item.item_id, ())):
            tagged.setdefault(tag, []).append(item)
    for tag, items in tagged.items():
        for metric in METRICS:
            scored = [item for item in items if metric in item.changes]
            if len(scored) >= FEWEST:
                yield _slice(runs.name, tag, metric, scored)


def _slice(of: str, tag: str, metric: str, items: Sequence[ItemPair]) -> Slice:
    changes = [item.changes[metric] for item in items]
    reference = sum(item.reference.scores[metric].value for item in items) / len(items)
    candidate = sum(item.candidate.scores[metric].value for item in items) / len(items)
    low, high = _interval(changes, [item.candidate.cluster for item in items])
    return Slice(
        of=harmless(of, longest=200),
        tag=harmless(tag, longest=100),
        metric=metric,
        items=len(items),
        reference=reference,
        candidate=candidate,
        change=100 * (candidate - reference),
        low=low,
        high=high,
    )


def _interval(changes: Sequence[float], clusters: Sequence[str]) -> tuple[float | None, float | None]:
    if len(set(clusters)) < 2:  # noqa: PLR2004 - one source says nothing of its spread
        return None, None
    low, high = bounded_mean_interval(changes, clusters, alpha=_ALPHA, lowest=-1.0)
    return 100 * low, 100 * high
