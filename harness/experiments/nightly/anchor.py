"""Has the measurement moved?  What the frozen anchor scores tonight against what it scored first; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.domain.nightly import AnchorReading, Asked
from harness.domain.run import ItemResult
from harness.domain.suite import Suite
from harness.errors import InvalidComparison
from harness.gating.questions import METRIC
from harness.stats.bounded_mean import bounded_mean_interval

ALPHA = 0.05
"""Error rate of all readings of a night together, two-sided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoRuns:
    """The anchor on the same items twice: `then`, in the folder `gate` at the instant `since`, and `now`."""

    asked: Asked
    suite: Suite
    then: Sequence[ItemResult]
    now: Sequence[ItemResult]
    since: str
    gate: str


def readings(runs: Sequence[TwoRuns]) -> tuple[AnchorReading, ...]:
    """Return a reading of every two runs; their intervals hold together at 1 - `ALPHA` (Bonferroni).

    A mean has moved where its interval leaves 0 out; that of differences which do not vary is the
    exact one of `bounded_mean_interval`.
    """
    return tuple(_reading(each, alpha=ALPHA / 2 / len(runs)) for each in runs)


def _reading(runs: TwoRuns, *, alpha: float) -> AnchorReading:
    metric = METRIC[runs.suite]
    before, after = _scores(runs.then, metric), _scores(runs.now, metric)
    names = list(after)
    differences = [after[name][1] - before[name][1] for name in names]
    interval = interval_of(differences, [after[name][0] for name in names], alpha=alpha, lowest=-1.0)
    return AnchorReading(
        subject=runs.asked.subject,
        arm=runs.asked.shown_arm,
        suite=runs.suite,
        then=fmean([before[name][1] for name in names]),
        now=fmean([after[name][1] for name in names]),
        since=runs.since,
        interval=interval,
        changed=sum(difference != 0 for difference in differences),
        items=len(names),
        moved=interval is not None and not interval[0] <= 0 <= interval[1],
        gate=runs.gate,
    )


def interval_of(
    numbers: Sequence[float], clusters: Sequence[str], *, alpha: float, lowest: float
) -> tuple[float, float] | None:
    """Return the two-sided 1 - 2 alpha interval of the mean, None where all items share one source."""
    try:
        return bounded_mean_interval(numbers, clusters, alpha=alpha, lowest=lowest)
    except InvalidComparison:
        return None


def _scores(results: Sequence[ItemResult], metric: str) -> Mapping[str, tuple[str, float]]:
    """Source and score of every item, by id."""
    return {each.item_id: (each.cluster, each.scores[metric].value) for each in results}
