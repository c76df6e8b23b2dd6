"""A word diff of two texts, as runs of text that are marked or not."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
"""Words with the space behind them: spaces of their own are all alike and make a diff five times slower."""
_MOST_WORDS = 1_500
"""A side of more words is not compared: the time grows with the product of both."""


class Stretch(NamedTuple):
    """A stretch of text, and whether the other side lacks it."""

    text: str
    differs: bool


class WordDiff(NamedTuple):
    """Both texts in stretches; each side's stretches spell the whole of its text."""

    before: tuple[Stretch, ...]
    after: tuple[Stretch, ...]


def word_diff(before: str, after: str) -> WordDiff:
    """Return both texts with the words that the other lacks marked; unmarked where they are too long."""
    ours, theirs = _WORDS.findall(before), _WORDS.findall(after)
    if before == after or max(len(ours), len(theirs)) > _MOST_WORDS:
        return unmarked(before, after)
    old: list[Stretch] = []
    new: list[Stretch] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        _add(old, "".join(ours[i1:i2]), differs=kind != "equal")
        _add(new, "".join(theirs[j1:j2]), differs=kind != "equal")
    return WordDiff(tuple(old), tuple(new))


def unmarked(before: str, after: str) -> WordDiff:
    """Return both texts as they are."""
    return WordDiff(_whole(before), _whole(after))


def _whole(text: str) -> tuple[Stretch, ...]:
    return (Stretch(text, differs=False),) if text else ()


def _add(stretches: list[Stretch], text: str, *, differs: bool) -> None:
    if text:
        stretches.append(Stretch(text, differs))
