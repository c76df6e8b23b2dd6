"""Tests and intervals for the mean of paired differences in [-1, 1].

For scores between right and wrong, and for items that share a source.  Differences that
do not vary are no error but a limit: the p-value is then 0, 1/2 or 1.
"""

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from harness.stats.estimated_mean import ROUNDING, Alternative, EstimatedMean
from harness.stats.inputs import cluster_numbers, difference_array, require_alpha, require_finite

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray


def bca_interval(
    differences: Sequence[float], *, alpha: float, seed: int, resamples: int = 9999
) -> tuple[float, float]:
    """Return the two-sided 1 - 2 alpha BCa bootstrap interval of the mean, within the data's range.

    The same seed gives the same interval in whatever order the items come.  When all
    differences are equal it is that value twice.  Raises `InvalidComparison` for none,
    NaN, or differences outside [-1, 1].

    Efron, Journal of the American Statistical Association 82 (1987) 171-185.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri

    require_alpha(alpha)
    array = np.sort(difference_array(differences))
    if array[-1] - array[0] <= ROUNDING:
        return float(array[0]), float(array[-1])
    mean, means = array.mean(), _resampled_means(array, seed, resamples)
    bias = float(ndtri((np.sum(means < mean) + np.sum(means <= mean)) / (2 * resamples)))
    without = (array.sum() - array) / (array.size - 1)
    pull = without.mean() - without
    skew = float(np.sum(pull**3) / (6.0 * np.sum(pull**2) ** 1.5))
    reach = [bias + (bias + z) / (1.0 - skew * (bias + z)) for z in (ndtri(alpha), ndtri(1.0 - alpha))]
    low, high = np.percentile(means, 100.0 * ndtr(reach))
    # A mean of equal numbers may lie a rounding error beside them.
    return max(float(low), float(array[0])), min(float(high), float(array[-1]))


def paired_t_p_value(differences: Sequence[float], *, null: float, alternative: Alternative) -> float:
    """Return the p-value, in [0, 1], of the paired t test that the mean is `null`.

    "less" is small when the mean lies below `null`, "greater" when above.  Raises
    `InvalidComparison` for fewer than two differences, NaN, or differences outside [-1, 1].
    """
    array = difference_array(differences, at_least=2)
    require_finite(null, name="null")
    error = float(array.std(ddof=1)) / math.sqrt(array.size)
    mean = EstimatedMean(value=float(array.mean()), error=error, freedom=array.size - 1)
    return mean.p_value(null, alternative)


def cluster_t_p_value(
    differences: Sequence[float], clusters: Sequence[Hashable], *, null: float, alternative: Alternative
) -> float:
    """Return the p-value, in [0, 1], of the cluster-robust t test that the mean is `null`.

    The variance is Liang and Zeger's with the factor G / (G - 1) for G clusters, the
    reference t with G - 1 degrees of freedom; with clusters of one item it is the paired
    t test.  Raises `InvalidComparison` for one cluster, or clusters that do not match.

    Cameron and Miller, Journal of Human Resources 50 (2015) 317-372, section II.
    """
    require_finite(null, name="null")
    return cluster_mean(differences, clusters).p_value(null, alternative)


def cluster_t_interval(
    differences: Sequence[float], clusters: Sequence[Hashable], *, alpha: float
) -> tuple[float, float]:
    """Return the two-sided 1 - 2 alpha cluster-robust interval of the mean, within [-1, 1].

    Inverts `cluster_t_p_value`, clipped to the values a mean can take.  Raises
    `InvalidComparison` for one cluster, or clusters that do not match.
    """
    require_alpha(alpha)
    return cluster_mean(differences, clusters).interval(alpha)


def cluster_mean(differences: Sequence[float], clusters: Sequence[Hashable]) -> EstimatedMean:
    """Return the mean difference with its cluster-robust error and G - 1 degrees of freedom.

    As in `cluster_t_p_value`; raises as it does.
    """
    import numpy as np

    array = difference_array(differences)
    membership, groups = cluster_numbers(clusters, items=array.size, noun="differences")
    mean = float(array.mean())
    sums = np.bincount(membership, weights=array - mean)
    error = math.sqrt(groups / (groups - 1) * float(sums @ sums)) / array.size
    return EstimatedMean(value=mean, error=error, freedom=groups - 1)


def _resampled_means(array: "NDArray[float64]", seed: int, resamples: int) -> "NDArray[float64]":
    """Return the means of samples drawn with replacement, shape (resamples,)."""
    import numpy as np

    random, n = np.random.default_rng(seed), array.size
    batch = max(1, 2_000_000 // n)
    sizes = [min(batch, resamples - done) for done in range(0, resamples, batch)]
    return np.concatenate([array[random.integers(0, n, (size, n))].mean(axis=1) for size in sizes])
