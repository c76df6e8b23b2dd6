"""The refusals that all statistics share.

They stand in one place so that an empty, NaN or out-of-range input reads the same
wherever it turns up, and none of it ever becomes a p-value.
"""

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from harness.errors import InvalidComparison

if TYPE_CHECKING:
    from numpy import float64, intp
    from numpy.typing import NDArray


def require_alpha(alpha: float) -> None:
    """Return nothing; raise `InvalidComparison` unless `alpha` lies in (0, 0.5)."""
    if not 0.0 < alpha < 0.5:  # noqa: PLR2004 - an error rate of one half is a coin toss
        raise InvalidComparison(f"alpha is {alpha}; a one-sided error rate lies between 0 and 0.5: use 0.05")


def require_margin(margin: float) -> None:
    """Return nothing; raise `InvalidComparison` unless 0 < |margin| < 1."""
    if not 0.0 < abs(margin) < 1.0:
        raise InvalidComparison(
            f"margin is {margin}; a share of the score lies between 0 and 1, both excluded: use 0.05"
        )


def require_counts(*, losses: int, wins: int, n: int) -> None:
    """Return nothing; raise `InvalidComparison` unless losses and wins fit into n items."""
    if n < 1:
        raise InvalidComparison(f"there are {n} items to compare: run both sides on at least one item")
    if losses < 0 or wins < 0 or losses + wins > n:
        raise InvalidComparison(
            f"{losses} losses and {wins} wins do not fit into {n} items: count each item once"
        )


def difference_array(differences: Sequence[float], *, at_least: int = 1) -> "NDArray[float64]":
    """Return the differences as a float64 array, shape (n,), each in [-1, 1].

    Raises `InvalidComparison` for fewer than `at_least` of them, NaN, or anything outside.
    """
    import numpy as np

    array = np.asarray(differences, dtype=np.float64)
    if array.size < at_least:
        raise InvalidComparison(
            f"{array.size} differences where {at_least} or more are needed: run both sides on more items"
        )
    wrong = array[~(np.abs(array) <= 1.0)]
    if wrong.size:
        raise InvalidComparison(
            f"{wrong.size} differences lie outside [-1, 1], first {float(wrong[0])}: fix the scorer"
        )
    return array


def cluster_numbers(
    clusters: Sequence[Hashable], *, items: int, noun: str = "items"
) -> "tuple[NDArray[intp], int]":
    """Return the number of the cluster of each item, shape (items,), counted from 0, and how many there are.

    Raises `InvalidComparison` where there are none, where not every item has a cluster, and where
    all share one, which are no independent evidence.
    """
    import numpy as np

    if not items or len(clusters) != items:
        raise InvalidComparison(
            f"{items} {noun} come with {len(clusters)} clusters: name the cluster of every item"
        )
    numbers: dict[Hashable, int] = {}
    member = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters])
    if len(numbers) == 1:
        raise InvalidComparison(
            f"all {items} items belong to cluster {clusters[0]!r}: add items from other sources"
        )
    return member, len(numbers)


def duration_array(seconds: Sequence[float], *, side: str) -> "NDArray[float64]":
    """Return waiting times in seconds as a float64 array, shape (n,); +inf is a failure.

    Raises `InvalidComparison` for none at all, NaN, zero or negative times.
    """
    import numpy as np

    array = np.asarray(seconds, dtype=np.float64)
    if not array.size:
        raise InvalidComparison(f"there are no {side} waiting times: send requests to both sides first")
    wrong = array[~(array > 0.0)]
    if wrong.size:
        raise InvalidComparison(
            f"{wrong.size} {side} waiting times are not above 0 s, first {float(wrong[0])}: "
            "check the clock, and give failures as infinity"
        )
    return array


def require_finite(number: float, *, name: str) -> None:
    """Return nothing; raise `InvalidComparison` if `number` is NaN or infinite."""
    if not math.isfinite(number):
        raise InvalidComparison(f"{name} is {number}: give a finite number")
