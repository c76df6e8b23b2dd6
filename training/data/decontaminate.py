"""Training examples -> those that are not what the checkpoint will be asked.

An example goes when one of its turns shares thirteen words in a row with an item (Brown et al.
2020, appendix C), holds the whole of an item of eight to twelve words, or is an item; and when
a question of its user means the same as an item and has the same numbers.  Thirteen words that
three or more items of a subject have in common are how the subject words its questions, and
no item's own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import InvalidDataset, Json, Message, Role
from training.data.evaluated import Evaluated
from training.data.likeness import Embed, Way
from training.data.step import as_row
from training.example import Example
from training.particulars import numbers
from training.shingles import SHINGLE_WORDS, normalised, shingles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FEWEST_WORDS = 8
"""Fewer words in a row are ordinary speech; who asks them alone still asks the item."""
_BLOCK_ROWS = 1024
_MOST_SHARING = 2
"""Items of a subject that may share a run of words before it is the subject's wording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """An example that met an item: how, and to what degree in [0, 1]."""

    example: Example
    item: Evaluated
    way: Way
    degree: float

    @property
    def row(self) -> Mapping[str, Json]:
        """The example with the reason it went, as one JSON object."""
        why = "words in a row" if self.way is Way.WORDING else "meaning and numbers"
        item: Json = {"subject": self.item.subject, "id": self.item.id, "text": self.item.text}
        return {"example": as_row(self.example), "why": why, "degree": round(self.degree, 4), "item": item}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decontaminated:
    """What is kept, in its order, and what went with the item it met."""

    kept: tuple[Example, ...]
    removed: tuple[Met, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many came, stayed and went, by how they met and whose item."""
        subjects = dict.fromkeys(met.item.subject for met in self.removed)
        return {
            "read": len(self.kept) + len(self.removed),
            "kept": len(self.kept),
            "removed_wording": sum(met.way is Way.WORDING for met in self.removed),
            "removed_meaning": sum(met.way is Way.MEANING for met in self.removed),
            **{f"met_{name}": sum(met.item.subject == name for met in self.removed) for name in subjects},
        }


def decontaminate(
    examples: Sequence[Example],
    items: Sequence[Evaluated],
    *,
    meaning: float = 0.85,
    embed: Embed | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Decontaminated:
    """Return the examples without those that are, or give away, one of `items`.

    `meaning` is the cosine from which two questions mean the same; without `embed` only words
    are compared.  Raises `InvalidDataset` when there are no items to compare with.
    """
    if not items:
        raise InvalidDataset(
            "there is nothing to compare with: name tasks with --tasks or probes with --probes"
        )
    if not 0.0 < meaning <= 1.0:
        raise InvalidDataset(f"the degree of meaning is {meaning:g}: give one above 0 and up to 1")
    say(f"comparing the words of {len(examples)} examples with {len(items)} items")
    index = _Index(items)
    met = {place: hit for place, each in enumerate(examples) if (hit := index.met(each)) is not None}
    if embed is not None:
        say("comparing their meaning")
        left = {place: each for place, each in enumerate(examples) if place not in met}
        met |= _met_in_meaning(left, items, meaning, embed)
    return Decontaminated(
        kept=tuple(each for place, each in enumerate(examples) if place not in met),
        removed=tuple(met[place] for place in sorted(met)),
    )


class _Index:
    """The runs of words of every item, by how many words they have."""

    def __init__(self, items: Iterable[Evaluated]) -> None:
        self._of: dict[int, dict[int, Evaluated]] = {SHINGLE_WORDS: {}}
        together = tuple(items)
        wording = _wording(together)
        for item in together:
            for text in dict.fromkeys((item.text, item.bare)):
                self._add(item, text, wording)

    def met(self, example: Example) -> Met | None:
        """The item whose words stand in a turn of the example, None where there is none."""
        turns = [turn.content for turn in example.messages if _may_meet(turn)]
        for words, known in self._of.items():
            runs = frozenset().union(*(shingles(turn, words=words) for turn in turns))
            found = [known[run] for run in sorted(runs & known.keys())]
            if found:
                whole = shingles(found[0].text, words=words)
                degree = min(1.0, len(found) / max(1, len(whole)))
                return Met(example=example, item=found[0], way=Way.WORDING, degree=degree)
        return None

    def _add(self, item: Evaluated, text: str, wording: frozenset[int]) -> None:
        runs = shingles(text)
        for run in (runs - wording) or runs:
            self._of[SHINGLE_WORDS].setdefault(run, item)
        length = len(normalised(text))
        if _FEWEST_WORDS <= length < SHINGLE_WORDS:
            for run in shingles(text, words=length):
                self._of.setdefault(length, {}).setdefault(run, item)


def _wording(items: Iterable[Evaluated]) -> frozenset[int]:
    """The runs that more than two items of one subject share."""
    sharing: Counter[tuple[str, int]] = Counter()
    for item in items:
        sharing.update((item.subject, run) for run in shingles(item.text) | shingles(item.bare))
    return frozenset(run for (_, run), number in sharing.items() if number > _MOST_SHARING)


def _may_meet(turn: Message) -> bool:
    """Whether a turn is held against items: not what a system says, nor a short reply such as "fruit"."""
    is_long = len(normalised(turn.content)) >= _FEWEST_WORDS
    return turn.role is Role.USER or (turn.role is Role.ASSISTANT and is_long)


def _met_in_meaning(
    examples: Mapping[int, Example], items: Sequence[Evaluated], threshold: float, embed: Embed
) -> dict[int, Met]:
    """The examples of which a question means the same as an item with the same numbers."""
    asked = _by_numbers((turn, place) for place, each in examples.items() for turn in _questions(each))
    known = _by_numbers((item.bare, place) for place, item in enumerate(items))
    shared = [key for key in asked if key in known]
    texts = [text for key in shared for text, _ in (*asked[key], *known[key])]
    row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    vectors = embed(list(row_of))
    met: dict[int, Met] = {}
    for key in shared:
        sides = [[row_of[text] for text, _ in side[key]] for side in (asked, known)]
        for row, column, degree in _nearest(vectors[sides[0]], vectors[sides[1]]):
            place, item = asked[key][row][1], items[known[key][column][1]]
            best = met.get(place)
            if degree >= threshold and (best is None or best.degree < degree):
                met[place] = Met(example=examples[place], item=item, way=Way.MEANING, degree=degree)
    return met


def _questions(example: Example) -> tuple[str, ...]:
    return tuple(turn.content for turn in example.prompt if turn.role is Role.USER)


def _by_numbers(texts: Iterable[tuple[str, int]]) -> dict[tuple[str, ...], list[tuple[str, int]]]:
    """Texts and their places by the numbers in them, in whatever order these stand."""
    by_numbers: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for text, place in texts:
        by_numbers.setdefault(tuple(sorted(numbers(text))), []).append((text, place))
    return by_numbers


def _nearest(asked: "NDArray[np.float32]", known: "NDArray[np.float32]") -> Iterator[tuple[int, int, float]]:
    """For each question the item nearest to it, and their cosine; a block at a time."""
    for start in range(0, len(asked), _BLOCK_ROWS):
        cosines = asked[start : start + _BLOCK_ROWS] @ known.T
        columns = cosines.argmax(axis=1)
        for row, column in enumerate(columns):
            yield start + row, int(column), min(1.0, float(cosines[row, column]))
