"""How many of the wanted examples come back among the first k."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import InvalidDataset
from training.embeddings.pairs import Asked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KS = (1, 3, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Recall at `k` with vectors of `dims` dimensions, in [0, 1]."""

    dims: int
    k: int
    value: float


def recall_table(
    asked: Sequence[Asked],
    queries: "NDArray[np.float32]",
    gold: "NDArray[np.float32]",
    ids: Sequence[str],
    dims: Sequence[int],
) -> tuple[Recall, ...]:
    """Return recall at 1, 3 and 5 for each number of dimensions.

    Of one query it is the wanted examples among the first k, over k or over how many are
    wanted if these are fewer; of all queries the mean.  `queries` and `gold` are (n, whole)
    arrays, cut and made unit again here.  Raises `InvalidDataset` for no queries.
    """
    if not asked:
        raise InvalidDataset("no query is held out: recall of nothing cannot be measured, give more pairs")
    return tuple(
        Recall(dims=size, k=k, value=sum(shares) / len(shares))
        for size in dims
        for found in [_first(asked, cut(queries, size) @ cut(gold, size).T, ids)]
        for k in KS
        for shares in [[_share(one, names[:k], k) for one, names in zip(asked, found, strict=True)]]
    )


def cut(vectors: "NDArray[np.float32]", dims: int) -> "NDArray[np.float32]":
    """Return the first `dims` numbers of each vector, made unit again."""
    import numpy as np

    short = vectors[:, :dims]
    lengths = np.linalg.norm(short, axis=1, keepdims=True)
    return np.asarray(short / np.where(lengths == 0.0, 1.0, lengths), dtype=np.float32)


def _first(asked: Sequence[Asked], nearness: "NDArray[np.float32]", ids: Sequence[str]) -> list[list[str]]:
    """The ids that come back for each query, as many as are ever counted, itself left out."""
    import numpy as np

    order = np.argsort(-nearness, axis=1, kind="stable")
    found = []
    for one, row in zip(asked, order, strict=True):
        names = (ids[index] for index in row[: max(KS) + len(one.own)])
        found.append([name for name in names if name not in one.own])
    return found


def _share(one: Asked, names: Sequence[str], k: int) -> float:
    return len(one.relevant.intersection(names)) / min(k, len(one.relevant))
