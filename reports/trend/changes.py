"""Where a series steps to another level and stays there."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from statistics import median

_FEWEST = 3
"""Points of a level: a step that did not last that long is an outlier."""
_PENALTY = 4.0
"""Times log n variances, twice what the Schwarz criterion asks: steady series rarely show a step then."""
_MAD_TO_SIGMA = 0.6745


def change_points(values: Sequence[float], *, step: float) -> tuple[int, ...]:
    """Return the index of the first value of each new level, ascending; none in a steady series.

    By binary segmentation: a stretch is cut where that lowers its sum of squares most, if by 4 log n
    variances at least, and so is each half.  The noise is read off the differences of neighbours, by
    their median, so that steps do not count as noise; it is never less than half of `step`, the least
    by which a value can move.  Running medians of three are what is cut, so that one value out of line
    makes no level.

    Scott and Knott, Biometrics 30 (1974) 507-512; Vostrikova, Soviet Math. Doklady 24 (1981) 55-59.
    """
    if len(values) < 2 * _FEWEST:
        return ()
    sigma = max(_noise(values), step / 2)
    bar = _PENALTY * math.log(len(values)) * sigma**2
    sums = tuple(accumulate(_smoothed(values), initial=0.0))
    return tuple(sorted(_cuts(sums, 0, len(values), bar)))


def _cuts(sums: Sequence[float], start: int, end: int, bar: float) -> Iterator[int]:
    """Yield the cuts of the values from `start` to `end`, whose running sums are `sums`."""
    places = range(start + _FEWEST, end - _FEWEST + 1)
    at = max(places, key=lambda place: _gain(sums, start, place, end), default=None)
    if at is None or _gain(sums, start, at, end) <= bar:
        return
    yield at
    yield from _cuts(sums, start, at, bar)
    yield from _cuts(sums, at, end, bar)


def _gain(sums: Sequence[float], start: int, at: int, end: int) -> float:
    """Return by how much a cut lowers the sum of squares."""
    before, after = at - start, end - at
    step = (sums[end] - sums[at]) / after - (sums[at] - sums[start]) / before
    return step**2 * before * after / (before + after)


def _smoothed(values: Sequence[float]) -> Sequence[float]:
    """Return running medians of three, those at the ends twice; steps stay where they are."""
    inner = [median(values[at - 1 : at + 2]) for at in range(1, len(values) - 1)]
    return [inner[0], *inner, inner[-1]]


def _noise(values: Sequence[float]) -> float:
    """Return the standard deviation of one value, as the median difference of neighbours tells it."""
    return median(abs(after - before) for before, after in pairwise(values)) / _MAD_TO_SIGMA / math.sqrt(2)
