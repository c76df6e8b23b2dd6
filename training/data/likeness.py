"""Which examples say the same: exactly, nearly word for word, or in other words.

Examples are only ever alike when they agree in everything an embedder overlooks: the system
turn, numbers and negations, and a reply that is a label.  JSON and a few words are labels,
and must be equal; a reply in prose must be as near as the question is.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from harness import Role, parse_reply
from training.example import Example
from training.particulars import particulars
from training.shingles import normalised, shingles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Embed: TypeAlias = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Texts -> one unit vector each, as rows."""

_RUN_WORDS = 3
_LABEL_WORDS = 5
_PERMUTATIONS = 128
_BANDS = 32
_SEED = 42
_BLOCK_ROWS = 1024


class Way(StrEnum):
    """How two examples are alike."""

    EXACT = "exact"
    WORDING = "wording"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Two examples by place, `first` before `second`, the way they are alike, and the degree in [0, 1]."""

    first: int
    second: int
    way: Way
    degree: float


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What of an example is compared; the parts are worked out when they are first asked for."""

    example: Example

    @cached_property
    def exact(self) -> tuple[str, ...]:
        """Every turn, in lower case and with single spaces."""
        return tuple(f"{turn.role} {_plain(turn.content)}" for turn in self.example.messages)

    @cached_property
    def question(self) -> str:
        """All that was said before the reply, the system aside."""
        return "\n".join(turn.content for turn in self.example.prompt if turn.role is not Role.SYSTEM)

    @cached_property
    def label(self) -> str | None:
        """The reply in one spelling where it is a label, None where it is prose."""
        return label_of(self.example.completion)

    @property
    def compared(self) -> tuple[str, ...]:
        """The question, and the reply where it is prose."""
        return (self.question,) if self.label is not None else (self.question, self.example.completion)

    @cached_property
    def apart(self) -> tuple[object, ...]:
        """What must be the same in examples that are alike."""
        system = [turn.content for turn in self.example.prompt if turn.role is Role.SYSTEM]
        prose = particulars(self.example.completion) if self.label is None else ()
        return (*map(_plain, system), particulars(self.question), prose, self.label)

    @cached_property
    def question_runs(self) -> frozenset[int]:
        """Hashes of the question's runs of three words."""
        return shingles(self.question, words=_RUN_WORDS)

    @cached_property
    def reply_runs(self) -> frozenset[int]:
        """Hashes of the reply's runs of three words."""
        return shingles(self.example.completion, words=_RUN_WORDS)


def label_of(reply: str) -> str | None:
    """Return a reply that is a label in one spelling: JSON, or up to five words; None for prose."""
    try:
        value = parse_reply(reply)
    except ValueError:
        words = normalised(reply)
        return " ".join(words) or _plain(reply) if len(words) <= _LABEL_WORDS else None
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def exact_groups(readings: Sequence[Reading]) -> Iterator[Likeness]:
    """Yield every example that repeats an earlier one, with the first of its kind."""
    first_of: dict[tuple[str, ...], int] = {}
    for place, reading in enumerate(readings):
        first = first_of.setdefault(reading.exact, place)
        if first != place:
            yield Likeness(first=first, second=place, way=Way.EXACT, degree=1.0)


def alike_in_wording(readings: Mapping[int, Reading], *, threshold: float) -> Iterator[Likeness]:
    """Yield the pairs whose runs of three words agree by `threshold` or more (Jaccard)."""
    for places in _kin(readings):
        for first, second in _sharing_a_band(places, readings):
            degree = _in_wording(readings[first], readings[second])
            if degree >= threshold:
                yield Likeness(first=first, second=second, way=Way.WORDING, degree=degree)


def alike_in_meaning(
    readings: Mapping[int, Reading], *, threshold: float, embed: Embed
) -> Iterator[Likeness]:
    """Yield the pairs whose embeddings have a cosine of `threshold` or more, replies in prose included."""
    kin = list(_kin(readings))
    texts = [text for places in kin for place in places for text in readings[place].compared]
    # One call for all, so that whoever embeds can say how far it has come.
    row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    vectors = embed(list(row_of))
    for places in kin:
        # The question's vectors, and those of the reply where it is prose.
        parts = zip(*(readings[place].compared for place in places), strict=True)
        parts_vectors = [vectors[[row_of[text] for text in part]] for part in parts]
        for first, second, degree in _near(parts_vectors, threshold):
            yield Likeness(first=places[first], second=places[second], way=Way.MEANING, degree=degree)


def jaccard(left: frozenset[int], right: frozenset[int]) -> float:
    """Return the share of members in common, 1 for two empty sets."""
    union = len(left | right)
    return len(left & right) / union if union else 1.0


def _kin(readings: Mapping[int, Reading]) -> Iterator[list[int]]:
    """The places of examples that agree in all that must be the same, two or more together."""
    by_kind: dict[tuple[object, ...], list[int]] = {}
    for place, reading in readings.items():
        by_kind.setdefault(reading.apart, []).append(place)
    return (places for places in by_kind.values() if len(places) > 1)


def _in_wording(left: Reading, right: Reading) -> float:
    questions = jaccard(left.question_runs, right.question_runs)
    return questions if left.label is not None else min(questions, jaccard(left.reply_runs, right.reply_runs))


def _sharing_a_band(places: Sequence[int], readings: Mapping[int, Reading]) -> Iterator[tuple[int, int]]:
    """Pairs whose MinHash sketches share a band: all but one in thousands of those alike by 0.7.

    Whether a pair is met depends on the two alone, never on what stands around them.
    """
    from rensa import RMinHash, RMinHashLSH

    runs = [[str(run) for run in readings[place].question_runs] for place in places]
    sketches = RMinHash.from_token_sets(runs, num_perm=_PERMUTATIONS, seed=_SEED)
    index = RMinHashLSH(0.5, _PERMUTATIONS, _BANDS)
    for place, sketch in zip(places, sketches, strict=True):
        for earlier in sorted(index.query(sketch)):
            yield earlier, place
        index.insert(place, sketch)


def _near(parts: Sequence["NDArray[np.float32]"], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs of rows, the earlier first, whose cosine reaches `threshold` in every part; block by block."""
    import numpy as np

    for start in range(0, len(parts[0]), _BLOCK_ROWS):
        stop = min(start + _BLOCK_ROWS, len(parts[0]))
        # The second of a pair is in the block, the first anywhere before it.
        cosines = np.minimum.reduce([vectors[start:stop] @ vectors[:stop].T for vectors in parts])
        for row, column in np.argwhere(cosines >= threshold):
            if column < start + row:
                yield int(column), int(start + row), min(1.0, float(cosines[row, column]))


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()
