"""Measured cells -> rows with intervals, and differences from the reference that hold together; pure."""

from collections.abc import Sequence
from statistics import median

from harness.domain.experiment import Cell, Difference, Interval, Measured, Metric, Row
from harness.errors import InvalidComparison, UnpairedRuns
from harness.stats.bounded_mean import bounded_mean_interval

ALPHA = 0.05
"""Error rate of an interval of a mean, and of all intervals of differences together; two-sided."""


def row_of(measured: Measured, metric: Metric) -> Row:
    """Return a cell summed up, with the two-sided 95 % interval of its mean of `metric`."""
    items = measured.items
    clusters, scores = zip(*measured.scores(metric).values(), strict=True)
    return Row(
        cell=measured.cell,
        mean=_mean(scores),
        interval=_interval(scores, clusters, alpha=ALPHA / 2, lowest=0.0),
        items=len(scores),
        clusters=len(set(clusters)),
        target=_mean([each.target for each in items]),
        schema=_mean([each.schema for each in items]),
        probes=_mean([each.correct for each in measured.probes]) if measured.probes else None,
        failed=sum(each.failed for each in items),
        prompt_tokens=_known_mean([each.prompt_tokens for each in items]),
        completion_tokens=_known_mean([each.completion_tokens for each in items]),
        ttft_s=median(each.ttft_s for each in measured.waits) if measured.waits else None,
        e2e_s=median(each.e2e_s for each in measured.waits) if measured.waits else None,
        waits=len(measured.waits),
        trained_s=measured.trained_s,
    )


def differences_of(
    measured: Sequence[Measured], comparisons: Sequence[tuple[Cell, Cell]], metric: Metric
) -> tuple[Difference, ...]:
    """Return the first of every two cells minus the second in `metric`, where both were measured.

    The intervals of all comparisons, those of cells that failed included, hold together in 95 %
    of experiments (Bonferroni).  Raises `UnpairedRuns` for cells that were asked other items.
    """
    found = {each.cell: each for each in measured}
    return tuple(
        _difference(found[cell], found[other], metric, family=len(comparisons))
        for cell, other in comparisons
        if cell in found and other in found
    )


def _difference(measured: Measured, reference: Measured, metric: Metric, *, family: int) -> Difference:
    before, after = reference.scores(metric), measured.scores(metric)
    if sorted(after) != sorted(before):
        raise UnpairedRuns(
            f"{measured.gate} and {reference.gate} were asked different items: remove the older of the two "
            "and run the experiment again"
        )
    differences = [score - before[name][1] for name, (_, score) in after.items()]
    clusters = [cluster for cluster, _ in after.values()]
    return Difference(
        cell=measured.cell,
        against=reference.cell,
        delta=_mean(differences),
        interval=_interval(differences, clusters, alpha=ALPHA / 2 / family, lowest=-1.0),
        items=len(after),
    )


def _interval(
    numbers: Sequence[float], clusters: Sequence[str], *, alpha: float, lowest: float
) -> Interval | None:
    """The interval, None where items of one source alone have none."""
    try:
        low, high = bounded_mean_interval(numbers, clusters, alpha=alpha, lowest=lowest)
    except InvalidComparison:  # one cluster
        return None
    return Interval(low=low, high=high)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _known_mean(values: Sequence[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _mean(known) if known else None
