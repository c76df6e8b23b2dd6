"""A mean over strata that were labelled in part, a judge's scores lowering the variance in each.

Reading begins with the items on which two runs differ, so labels are drawn at random within a
stratum and not over all.  Each stratum is estimated for itself and counts by its size.

Fisch, Maynez, Hofer, Dhingra, Globerson and Cohen, Stratified Prediction-Powered Inference,
arXiv:2406.04291 (2024); the bounds here are those of the strata together, not a normal's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import InvalidComparison
from harness.stats.inputs import difference_array, require_alpha
from harness.stats.ppi import ppi_mean

_FEWEST = 2
_HALVINGS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One kind of item: what people said of n of them, and a judge of those and of the N others.

    All values lie in [-1, 1].  `judge_on_rest` tells how many were left unread even where there is
    no judge, who then says 0 of everything.
    """

    human: Sequence[float]
    judge_on_labelled: Sequence[float]
    judge_on_rest: Sequence[float]

    @property
    def size(self) -> int:
        """Items of the kind, read or not."""
        return len(self.human) + len(self.judge_on_rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class StratifiedMean:
    """The mean over all items by human measure, with an interval at 1 - 2 alpha.

    `tuning`, in [0, 1] and averaged over items, is how far the judge is relied on.
    """

    estimate: float
    interval: tuple[float, float]
    tuning: float
    labels: int


def stratified_mean(strata: Sequence[Stratum], *, alpha: float) -> StratifiedMean:
    """Return the mean, in [-1, 1], over the items of all strata by human measure.

    A stratum that was read whole is known.  The others share alpha: the bounds of each hold at
    alpha over their number, so that the weighted sums hold at alpha whatever ties them (Boole).
    Raises `InvalidComparison` for no stratum, and for one that was neither read whole nor has two
    labels.
    """
    require_alpha(alpha)
    filled = [stratum for stratum in strata if stratum.size]
    if not filled:
        raise InvalidComparison("there is nothing to read: run a gate on at least one item")
    open_ones = sum(1 for stratum in filled if stratum.judge_on_rest)
    parts = [_part(stratum, alpha=alpha / max(1, open_ones)) for stratum in filled]
    items = sum(stratum.size for stratum in filled)
    weights = [stratum.size / items for stratum in filled]
    return StratifiedMean(
        estimate=_sum(weights, [part.estimate for part in parts]),
        interval=(
            _sum(weights, [part.interval[0] for part in parts]),
            _sum(weights, [part.interval[1] for part in parts]),
        ),
        tuning=_sum(weights, [part.tuning for part in parts]),
        labels=sum(part.labels for part in parts),
    )


def stratified_share(strata: Sequence[Stratum], *, alpha: float) -> StratifiedMean:
    """Return a share, in [0, 1], over the items of all strata; values are 0 or 1, a judge's between.

    Raises as `stratified_mean` does.
    """
    found = stratified_mean([_centred(stratum) for stratum in strata], alpha=alpha)
    low, high = ((bound + 1.0) / 2.0 for bound in found.interval)
    return StratifiedMean(
        estimate=(found.estimate + 1.0) / 2.0,
        interval=(max(0.0, low), min(1.0, high)),
        tuning=found.tuning,
        labels=found.labels,
    )


def p_not_below(strata: Sequence[Stratum], *, null: float) -> float:
    """Return the one-sided p-value, in (0, 1/2], that the mean is `null` or more; small where it lies below.

    The least alpha whose upper bound still holds the mean under `null`, found by bisection; the
    bound falls as alpha grows.  Never under 1e-6.  Raises as `stratified_mean` does.
    """
    low, high = 1e-6, 0.5 - 1e-6
    if stratified_mean(strata, alpha=high).interval[1] >= null:
        return 0.5
    for _ in range(_HALVINGS):
        middle = (low * high) ** 0.5
        if stratified_mean(strata, alpha=middle).interval[1] < null:
            high = middle
        else:
            low = middle
    return high


def _part(stratum: Stratum, *, alpha: float) -> StratifiedMean:
    labels = len(stratum.human)
    if not stratum.judge_on_rest:
        mean = float(difference_array(stratum.human).mean())
        return StratifiedMean(estimate=mean, interval=(mean, mean), tuning=0.0, labels=labels)
    if labels < _FEWEST:
        raise InvalidComparison(
            f"{labels} of {stratum.size} items of one kind are read, and {_FEWEST} are the least: read more"
        )
    judged, rest = stratum.judge_on_labelled, stratum.judge_on_rest
    if len(rest) < _FEWEST:
        # One judged item has no variance, so nothing can be learnt from the judge.
        judged, rest = [0.0] * labels, [0.0] * _FEWEST
    found = ppi_mean(stratum.human, judged, rest, alpha=alpha)
    return StratifiedMean(
        estimate=found.estimate, interval=found.interval, tuning=found.tuning, labels=labels
    )


def _centred(stratum: Stratum) -> Stratum:
    """The stratum with what lay in [0, 1] in [-1, 1], where the bounds on what was not seen belong."""
    return Stratum(
        human=[2.0 * value - 1.0 for value in stratum.human],
        judge_on_labelled=[2.0 * value - 1.0 for value in stratum.judge_on_labelled],
        judge_on_rest=[2.0 * value - 1.0 for value in stratum.judge_on_rest],
    )


def _sum(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
