"""Whether two samples of points come from one distribution, and how well they are told apart.

Both are worked out from the distances between all points alone.  Distances are those of a space of
negative type, as Euclidean ones are: the energy distance is then 0 for equal distributions only.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from harness.errors import InvalidComparison
from harness.stats.inputs import require_alpha

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEWEST = 4
"""Points of a sample: two to learn from and two to recognise, and the other way round."""
_ROUNDING = 1e-9
_TRIES = 60
_FEWER_PERMUTATIONS = 199
_SHIFTED = 0.3
_CORNER = 10
_MOST_DRAWN = 3
"""A corner is a tenth of all points, so that it holds three tenths of a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """How often, of one point of each sample, that of the first is told for what it is.

    `share` and its `interval`, two-sided at 1 - 2 alpha, lie in [0, 1]; 0.5 is guessing.
    """

    share: float
    interval: tuple[float, float]


def energy_p_value(
    distances: "NDArray[np.float64]", first: int, *, seed: int, permutations: int = 999
) -> float:
    """Return the p-value, in (0, 1], of H0: both samples come from one distribution.

    `distances` is symmetric, shape (n + m, n + m); the `first` n rows are those of the first sample.
    The energy distance is compared with that of as many random ways to share the points out as there are
    `permutations`, so the error rate is exact whatever the distribution.  Raises `InvalidComparison` for
    samples under 4 points.

    Székely and Rizzo, InterStat 5 (2004); it is a maximum mean discrepancy, Sejdinovic et al.,
    Annals of Statistics 41 (2013) 2263-2291.
    """
    import numpy as np

    points = _checked(distances, first)
    generator = np.random.default_rng(seed)
    order = np.argsort(generator.random((points, permutations)), axis=0)
    is_first = np.concatenate([(np.arange(points) < first)[:, None], order < first], axis=1)
    energies = _energies(distances, is_first.astype(np.float64), first)
    as_far = np.count_nonzero(energies[1:] >= energies[0] - _ROUNDING)
    return float(1 + as_far) / (1 + permutations)


def recognition(distances: "NDArray[np.float64]", first: int, *, alpha: float) -> Recognition:
    """Return how well points of the first sample are recognised by being nearer, on average, to its others.

    One half of either sample is recognised by the other half, and the other way round; points at even
    and at odd places of a sample make the halves, so rows must be in random order.  The share is the
    area under the ROC curve, with DeLong's error of one half, because both may err to the same side,
    and never less than that of points nobody can tell apart.  Raises `InvalidComparison` as
    `energy_p_value` does.

    DeLong et al., Biometrics 44 (1988) 837-845.
    """
    import numpy as np

    require_alpha(alpha)
    points = _checked(distances, first)
    folds = [_placements(distances, first, known) for known in (0, 1)]
    share = float(np.mean([ours.mean() for ours, _ in folds]))
    variance = sum(_spread(ours) + _spread(theirs) for ours, theirs in folds) / len(folds)
    error = max(math.sqrt(variance), _error_of_guessing(first / 2, (points - first) / 2))
    reach = NormalDist().inv_cdf(1.0 - alpha) * error
    return Recognition(share=share, interval=(max(0.0, share - reach), min(1.0, share + reach)))


def planted_power(distances: "NDArray[np.float64]", first: int, *, alpha: float, seed: int) -> float:
    """Return how often, in [0, 1], the test finds a shift that is planted among points of one sample.

    `distances` are those among the points of that sample, shape (m, m).  In each of sixty tries `first`
    of them, at most a third, play the other sample: three in ten of these come from one corner, the
    tenth of all points that is nearest to a random one.  Raises `InvalidComparison` as `energy_p_value` does.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    points = len(distances)
    drawn = min(first, points // _MOST_DRAWN)
    found = 0
    for attempt in range(_TRIES):
        order = _planted(distances, drawn, generator)
        p_value = energy_p_value(
            distances[np.ix_(order, order)], drawn, seed=seed + attempt, permutations=_FEWER_PERMUTATIONS
        )
        found += p_value <= alpha
    return found / _TRIES


def _planted(
    distances: "NDArray[np.float64]", drawn: int, generator: "np.random.Generator"
) -> "NDArray[np.intp]":
    """All points, those first that play the other sample."""
    import numpy as np

    points = len(distances)
    corner = np.argsort(distances[generator.integers(points)])[: points // _CORNER]
    shifted = generator.permutation(corner)[: round(_SHIFTED * drawn)]
    rest = generator.permutation(np.setdiff1d(np.arange(points), shifted))
    return np.concatenate([shifted, rest])


def _checked(distances: "NDArray[np.float64]", first: int) -> int:
    """Return how many points there are in all."""
    import numpy as np

    points = len(distances)
    if min(first, points - first) < _FEWEST:
        raise InvalidComparison(
            f"samples of {first} and {points - first} points cannot be compared: give {_FEWEST} or more"
        )
    if not np.isfinite(distances).all():
        raise InvalidComparison("a distance is no finite number: give every point a place")
    return points


def _energies(
    distances: "NDArray[np.float64]", is_first: "NDArray[np.float64]", first: int
) -> "NDArray[np.float64]":
    """The energy distance of each column's way to share the points out, 1 for the first sample."""
    import numpy as np

    second = len(distances) - first
    whole = distances.sum(axis=1)
    within_first = np.einsum("ij,ij->j", is_first, distances @ is_first)
    of_first = whole @ is_first
    within_second = whole.sum() - 2.0 * of_first + within_first
    between = of_first - within_first
    energies: NDArray[np.float64] = (
        2.0 * between / (first * second) - within_first / first**2 - within_second / second**2
    )
    return energies


def _placements(
    distances: "NDArray[np.float64]", first: int, known: int
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """For every point to be recognised, ours and theirs, the share of the others' that it is told from."""
    import numpy as np
    from scipy.stats import rankdata

    rows = np.arange(len(distances))
    is_first = rows < first
    learnt = np.where(is_first, rows, rows - first) % 2 == known
    nearness = distances[:, learnt & ~is_first].mean(axis=1) - distances[:, learnt & is_first].mean(axis=1)
    ours, theirs = nearness[~learnt & is_first], nearness[~learnt & ~is_first]
    among = rankdata(np.concatenate([ours, theirs]))
    above = (among[: len(ours)] - rankdata(ours)) / len(theirs)
    below = 1.0 - (among[len(ours) :] - rankdata(theirs)) / len(ours)
    return above, below


def _spread(placements: "NDArray[np.float64]") -> float:
    return float(placements.var(ddof=1)) / len(placements)


def _error_of_guessing(first: float, second: float) -> float:
    """The standard error of the share where nothing tells the samples apart."""
    return math.sqrt((first + second + 1) / (12.0 * first * second))
