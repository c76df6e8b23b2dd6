"""How far from the best of each kind cells are, when nobody knew beforehand which that would be."""

from collections.abc import Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING

from harness.stats.inputs import require_alpha
from harness.stats.joint_means import JointMeans, kept

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray


def critical_with_best(
    means: JointMeans, kinds: Sequence[Sequence[int]], *, alpha: float, seed: int
) -> float:
    """Return the errors by which no cell lies further ahead of the best of any kind than it should.

    `kinds` are the cells of each kind; kinds without a cell count for nothing.  One-sided, at
    1 - `alpha` for all cells and kinds together, and the largest over all cells that could be
    the best of their kind.  With one kind it is Hsu's, Annals of Statistics 12 (1984) 1136-1144.
    Raises `InvalidComparison` unless `alpha` lies in (0, 0.5).
    """
    import numpy as np

    require_alpha(alpha)
    ahead_of = _furthest_ahead(means, seed)
    best = product(*(kind for kind in kinds if kind))
    largest = (np.max([ahead_of[cell] for cell in cells], axis=0) for cells in best)
    return max(kept(np.quantile(each, 1.0 - alpha, method="higher")) for each in largest)


def _furthest_ahead(means: JointMeans, seed: int) -> "list[NDArray[float64]]":
    """For every cell, by how many errors some other one seems ahead of it by chance, a draw each."""
    import numpy as np

    cells = range(len(means.means))
    pairs = list(combinations(cells, 2))
    weights = [[float(cell == ahead) - float(cell == behind) for cell in cells] for behind, ahead in pairs]
    drawn = means.family(weights).drawn(seed)
    signed = dict(zip(pairs, drawn.T, strict=True))
    signed |= {(ahead, behind): -column for (behind, ahead), column in signed.items()}
    return [np.max([signed[cell, other] for other in cells if other != cell], axis=0) for cell in cells]
