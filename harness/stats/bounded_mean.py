"""Intervals for a mean of bounded numbers from clusters, honest also where nothing varies.

Student's interval has no width when all numbers are equal, as where every reply scores 0.
It is then replaced by what so many sources without an exception show: each of G sources may
deviate with a probability below the upper Clopper-Pearson bound of 0 in G.
"""

from collections.abc import Hashable, Sequence

from harness.stats.estimated_mean import ROUNDING
from harness.stats.inputs import require_alpha
from harness.stats.paired_scores import cluster_mean
from harness.stats.proportion import clopper_pearson


def bounded_mean_interval(
    numbers: Sequence[float], clusters: Sequence[Hashable], *, alpha: float, lowest: float
) -> tuple[float, float]:
    """Return the two-sided 1 - 2 alpha interval of a mean of numbers in [lowest, 1], lowest 0 or -1.

    Cluster-robust t where the cluster sums vary; else from `low` = v - u (v - lowest) to v + u
    (1 - v) for the common value v, u being the exact bound on the share of sources that deviate.
    Raises `InvalidComparison` for one cluster, or numbers outside [-1, 1].
    """
    require_alpha(alpha)
    mean = cluster_mean(numbers, clusters)
    if mean.error > ROUNDING:
        low, high = mean.interval(alpha)
        return max(low, lowest), min(high, 1.0)
    _, deviating = clopper_pearson(0, mean.freedom + 1, alpha=alpha)
    return mean.value - deviating * (mean.value - lowest), mean.value + deviating * (1.0 - mean.value)
