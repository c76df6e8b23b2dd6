"""Runs of words, hashed: how overlap between training examples and evaluation items is seen.

Thirteen words in a row, in lower case and without punctuation, are hardly ever the same by
chance (Brown et al. 2020, appendix C).  A text shorter than that is one run, whole.  Hashes
say that a run was trained on without saying what it was, so they can travel with a model.
"""

import hashlib
import re
from collections.abc import Iterable

SHINGLE_WORDS = 13

_WORD = re.compile(r"[^\W_]+(?:/[^\W_]+)?")


def normalised(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without punctuation; 3/4 is one word."""
    return tuple(_WORD.findall(text.lower()))


def shingles(text: str, *, words: int = SHINGLE_WORDS) -> frozenset[int]:
    """Return the 64-bit hashes of every run of `words` words; empty for a text without words."""
    found = normalised(text)
    if not found:
        return frozenset()
    runs = [found[start : start + words] for start in range(max(1, len(found) - words + 1))]
    return frozenset(_hash(" ".join(run)) for run in runs)


def all_shingles(texts: Iterable[str], *, words: int = SHINGLE_WORDS) -> frozenset[int]:
    """Return the hashes of the runs of all texts."""
    return frozenset().union(*(shingles(text, words=words) for text in texts))


def _hash(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big")
