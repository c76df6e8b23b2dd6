"""Which documents lie nearest to a question: by the words they share, or by vectors of meaning."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from harness import ServingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Nearest: TypeAlias = Callable[[Sequence[str], Sequence[str], int], list[list[int]]]
"""Returns, for each question, the indices of the `k` nearest documents, nearest first."""


def by_words(questions: Sequence[str], documents: Sequence[str], k: int) -> list[list[int]]:
    """Return the `k` documents with the highest BM25 score for each question, ties by place.

    Raises `ServingError` where bm25s is not installed.
    """
    try:
        import bm25s
    except ImportError as error:
        raise ServingError(
            "nearness by words needs bm25s: pip install 'weighbridge[train]', or use --near meaning"
        ) from error
    quiet = {"show_progress": False}
    index = bm25s.BM25(method="lucene")
    index.index(bm25s.tokenize(list(documents), return_ids=False, **quiet), **quiet)
    asked = bm25s.tokenize(list(questions), return_ids=False, **quiet)
    return [_ordered(index.get_scores(words) if words else [0.0] * len(documents), k) for words in asked]


def by_vectors(questions: "NDArray[np.float32]", documents: "NDArray[np.float32]", k: int) -> list[list[int]]:
    """Return the `k` documents with the highest dot product for each question, ties by place."""
    return [_ordered(documents @ question, k) for question in questions]


def _ordered(scores: "Sequence[float] | NDArray[np.float32]", k: int) -> list[int]:
    import numpy as np

    order: list[int] = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")[:k].tolist()
    return order
