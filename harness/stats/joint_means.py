"""Means of several cells measured on the same items, and what may be said of their contrasts together.

A cell is one checkpoint under one arm.  Every contrast is paired item by item, its error is
robust to items that share a source, and one critical value holds for a whole family of
contrasts, so that the best of several may be picked after looking.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.errors import InvalidComparison
from harness.stats.inputs import cluster_numbers, require_alpha

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

_DRAWS = 20_000
_DIGITS, _CRITICAL_DIGITS = 12, 6
"""Decimals that are kept; what lies beyond differs between processors, and replays compare every digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointMeans:
    """The mean of every cell, in [0, 1], and how these means vary together.

    `covariance` is that of the means, shape (cells, cells), over `groups` sources of
    `items` items.
    """

    means: tuple[float, ...]
    covariance: "NDArray[float64]" = field(repr=False, compare=False)
    items: int
    groups: int

    def family(self, contrasts: Sequence[Sequence[float]]) -> "Family":
        """Return the family of `contrasts`, each a weight for every cell that sum to 0.

        A contrast reaches from minus to plus the sum of its positive weights.  Its estimate and
        error are taken with two items more, one at either end: items that do not differ are
        then no proof that none would.  That is Bonett and Price, Journal of Educational and
        Behavioral Statistics 37 (2012) 479-488, with the error robust to shared sources.
        """
        import numpy as np

        weights = np.asarray(contrasts, dtype=np.float64)
        reach = np.where(weights > 0, weights, 0.0).sum(axis=1)
        raw = weights @ np.asarray(self.means)
        groups, items = self.groups, self.items
        sums = weights @ self.covariance @ weights.T * (items**2 * (groups - 1) / groups)
        spread = sums + np.diag(2.0 * reach**2)
        scale = np.sqrt(np.diag(spread))
        return Family(
            deltas=_plain(raw),
            centres=_plain(raw * items / (items + 2)),
            reach=_plain(reach),
            spreads=_plain(np.clip(np.diag(sums), 0.0, None)),
            correlation=spread / np.outer(scale, scale),
            items=items,
            groups=groups,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Contrasts that are weighed together: `deltas` as measured, `centres` as adjusted.

    `spreads` are the sums of squares over the `groups` sources of `items` items, not adjusted.
    """

    deltas: tuple[float, ...]
    centres: tuple[float, ...]
    reach: tuple[float, ...]
    spreads: tuple[float, ...]
    correlation: "NDArray[float64]" = field(repr=False, compare=False)
    items: int
    groups: int

    def critical(self, *, alpha: float, seed: int) -> float:
        """Return how many errors all contrasts of the family keep within, at 1 - alpha together.

        The quantile of the largest absolute component of a multivariate t with the estimated
        correlation, by simulation: Hothorn, Bretz and Westfall, Biometrical Journal 50 (2008)
        346-363.  For one contrast it is Student's own.  The same seed gives the same value.
        """
        import numpy as np

        require_alpha(alpha)
        largest = np.abs(self.drawn(seed)).max(axis=1)
        return kept(np.quantile(largest, 1.0 - alpha, method="higher"))

    def interval(self, place: int, critical: float) -> tuple[float, float]:
        """Return the interval of a contrast that `critical` errors give, within its reach."""
        centre, half, reach = self.centres[place], self.half_width(place, critical), self.reach[place]
        return max(-reach, centre - half), min(reach, centre + half)

    def half_width(self, place: int, critical: float, *, times: float = 1.0) -> float:
        """Return half the width of an interval, with `times` as many items that vary as these do.

        It is never under the exact bound of what none of that many items showed, Clopper and
        Pearson, Biometrika 26 (1934) 404-413, at the error rate that `critical` leaves.
        """
        from scipy.special import stdtr

        items, groups, reach = times * self.items, times * self.groups, self.reach[place]
        spread = times * self.spreads[place] + 2.0 * reach**2
        error = math.sqrt(groups / (groups - 1) * spread) / (items + 2)
        missed = float(stdtr(groups - 1, -critical))
        unseen: float = 1.0 - missed ** (1.0 / items)
        return max(critical * error, reach * unseen)

    def drawn(self, seed: int) -> "NDArray[float64]":
        """Return draws of the multivariate t of the contrasts, in errors, shape (draws, contrasts)."""
        import numpy as np

        random, freedom = np.random.default_rng(seed), self.groups - 1
        # Unlike eigenvectors this root has no signs that differ from machine to machine.
        root = np.linalg.cholesky(self.correlation)
        normal = random.standard_normal((_DRAWS, len(root))) @ root.T
        shrink = np.sqrt(random.chisquare(freedom, _DRAWS) / freedom)
        drawn: NDArray[float64] = normal / shrink[:, None]
        return drawn


def joint_means(scores: Sequence[Sequence[float]], clusters: Sequence[Hashable]) -> JointMeans:
    """Return the means of cells from their `scores`, a row of every cell an item, each in [0, 1].

    `clusters` names the source of each item.  Raises `InvalidComparison` for no items, scores
    outside [0, 1] or NaN, and for items of a single source, which are no independent evidence.
    """
    import numpy as np

    member, groups = cluster_numbers(clusters, items=len(scores))
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.size:  # noqa: PLR2004 - items x cells
        raise InvalidComparison(f"{len(scores)} items have no score in every cell: measure all of them")
    if not bool(((table >= 0.0) & (table <= 1.0)).all()):
        raise InvalidComparison("some scores lie outside [0, 1]: fix the scorer")
    means = table.mean(axis=0)
    sums = np.zeros((groups, table.shape[1]))
    np.add.at(sums, member, table - means)
    return JointMeans(
        means=_plain(means),
        covariance=groups / (groups - 1) * (sums.T @ sums) / len(table) ** 2,
        items=len(table),
        groups=groups,
    )


def kept(critical: "float | float64") -> float:
    """Return a critical value without the digits in which processors differ."""
    return round(float(critical), _CRITICAL_DIGITS)


def _plain(numbers: "NDArray[float64]") -> tuple[float, ...]:
    return tuple(round(float(each), _DIGITS) for each in numbers)
