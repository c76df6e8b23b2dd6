"""Vectors of inputs -> how far live ones are from those known; nothing is read and nothing decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.domain.drift import FarShare, InputDrift, Stranger
from harness.stats.proportion import clopper_pearson
from harness.stats.two_samples import energy_p_value, planted_power, recognition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_YARDSTICK = 0.95
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts by id, and their unit vectors as rows, in the same order."""

    by_id: Mapping[str, str]
    vectors: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many live inputs were passed over: those that repeat another, and those not drawn."""

    repeats: int = 0
    undrawn: int = 0


def input_drift(live: Texts, trained: Texts, passed: Counted, *, alpha: float, seed: int) -> InputDrift:
    """Return how live inputs differ from those trained on, both in random order.

    Whether a shift would have been found is asked only where none was.
    """
    import numpy as np

    count = len(live.vectors)
    distances = _distances(np.concatenate([live.vectors, trained.vectors]))
    p_value = energy_p_value(distances, count, seed=seed)
    told = recognition(distances, count, alpha=alpha)
    own = distances[count:, count:]
    nearest_own = (own + np.diag(np.full(len(own), np.inf))).min(axis=1)
    return InputDrift(
        live=count,
        repeats=passed.repeats,
        undrawn=passed.undrawn,
        trained=len(own),
        alpha=alpha,
        p_value=p_value,
        recognised=told.share,
        recognised_interval=told.interval,
        power=None if p_value <= alpha else planted_power(own, count, alpha=alpha, seed=seed),
        far=far_share(distances[:count, count:].min(axis=1), nearest_own, alpha=alpha),
        strangest=strangest(live, trained),
    )


def far_share(nearest: "NDArray[np.float64]", yardstick: "NDArray[np.float64]", *, alpha: float) -> FarShare:
    """Return the share of distances that exceed 95 % of those of the yardstick."""
    import numpy as np

    count = int(np.count_nonzero(nearest > np.quantile(yardstick, _YARDSTICK)))
    return FarShare(
        count=count, inputs=len(nearest), interval=clopper_pearson(count, len(nearest), alpha=alpha)
    )


def coverage(live: Texts, items: Texts, pool: Texts, *, alpha: float) -> FarShare:
    """Return the share of live inputs that are farther from a pool than 95 % of the items are."""
    return far_share(_to_pool(live, pool), _to_pool(items, pool), alpha=alpha)


def strangest(live: Texts, known: Texts) -> tuple[Stranger, ...]:
    """Return the live inputs that are farthest from all that is known, the strangest first."""
    import numpy as np

    cosines = live.vectors @ known.vectors.T
    texts, known_ids = tuple(live.by_id.values()), tuple(known.by_id)
    order: Sequence[int] = np.argsort(cosines.max(axis=1), kind="stable")[:_SHOWN].tolist()
    nearest = {row: known_ids[int(cosines[row].argmax())] for row in order}
    return tuple(
        Stranger(
            text=texts[row],
            nearest_id=nearest[row],
            nearest_text=known.by_id[nearest[row]],
            cosine=float(cosines[row].max()),
        )
        for row in order
    )


def _to_pool(texts: Texts, pool: Texts) -> "NDArray[np.float64]":
    import numpy as np

    nearest: NDArray[np.float64] = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (texts.vectors @ pool.vectors.T))).min(
        axis=1
    )
    return nearest


def _distances(vectors: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """The Euclidean distances between unit vectors, exactly 0 from each to itself."""
    import numpy as np

    squared = np.maximum(0.0, 2.0 - 2.0 * (vectors @ vectors.T))
    np.fill_diagonal(squared, 0.0)
    distances: NDArray[np.float64] = np.sqrt((squared + squared.T) / 2.0)
    return distances
