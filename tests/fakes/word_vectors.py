"""An embedder without a model: texts that share words are near."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.shingles import normalised

_DIMENSIONS = 2048


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the unit vector of each text's word counts, words hashed to dimensions."""
    vectors = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in normalised(text) or ("",):
            vectors[row, _dimension(word)] += 1.0
    return vectors / np.maximum(1e-9, np.linalg.norm(vectors, axis=1, keepdims=True))


def _dimension(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big") % _DIMENSIONS
