"""Item details in chapters that a page unpacks one at a time, so that thousands of items open at once."""

import gzip
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import dumps
from typing import TypeAlias

from harness import Json, RunKind
from reports.gate.card import Words, card, words_of
from reports.gate.pairs import ItemPair, PairedRuns
from reports.gate.record import GateRecord
from reports.plain_text import harmless

_ITEMS = 50
"""Items a chapter."""
_MARKED = 20
"""Chapters whose unlike words are marked: those of a thousand items that lost most."""
_SHORTEST, _LONGEST = 500, 20_000
_MOST_CHARACTERS = 10_000_000
"""Over all replies of a page: what keeps it under 15 MB even where text cannot be packed."""

Entry: TypeAlias = list["Json"]
"""Pair, item id, change, and whether the sides differ: a line of the page's list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapters:
    """The list of all items, and their details packed: gzip in base64, `size` items a chapter."""

    index: Sequence[Entry]
    packed: Sequence[str]
    size: int
    longest: int


def chapters(record: GateRecord, pairs: Sequence[PairedRuns]) -> Chapters:
    """Return the items of all pairs, those that differ first, with their details."""
    listed = sorted(
        ((runs, item) for runs in pairs for item in runs.items),
        key=lambda each: (not each[1].is_discordant, each[1].change),
    )
    longest = longest_reply(record)
    words = {runs.name: task_words(record, runs) for runs in pairs}
    return Chapters(
        index=[_entry(runs, item) for runs, item in listed],
        packed=[
            _packed(each, words, longest=longest, marks=place < _MARKED)
            for place, each in enumerate(_batches(listed))
        ],
        size=_ITEMS,
        longest=longest,
    )


def longest_reply(record: GateRecord) -> int:
    """Return how much of each reply can be shown without making the page too large, in characters."""
    lengths = [
        len(getattr(result.outcome, "text", ""))
        for run in record.manifest.runs
        if run.kind is not RunKind.LATENCY
        for result in record.results.get(run.id, ())
    ]
    fitting = bisect_right(
        range(_SHORTEST, _LONGEST + 1),
        _MOST_CHARACTERS,
        key=lambda most: sum(min(length, most) for length in lengths),
    )
    return max(_SHORTEST, _SHORTEST + fitting - 1)


def task_words(record: GateRecord, runs: PairedRuns) -> Words:
    """Return the words of the task that a pair of runs was asked, none where it is not at hand."""
    return words_of(record.tasks.get(runs.candidate.subject_digest))


def _batches(
    listed: Sequence[tuple[PairedRuns, ItemPair]],
) -> Sequence[Sequence[tuple[PairedRuns, ItemPair]]]:
    return [listed[start : start + _ITEMS] for start in range(0, len(listed), _ITEMS)]


def _entry(runs: PairedRuns, item: ItemPair) -> Entry:
    changes: list[Json] = [[name, round(change, 4)] for name, change in item.changes.items()]
    return [harmless(runs.name, longest=200), harmless(item.item_id, longest=200), changes]


def _packed(
    batch: Sequence[tuple[PairedRuns, ItemPair]], words: Mapping[str, Words], *, longest: int, marks: bool
) -> str:
    cards = [card(runs, item, words[runs.name], longest=longest, marks=marks) for runs, item in batch]
    return b64encode(gzip.compress(dumps(cards).encode(), mtime=0)).decode()
