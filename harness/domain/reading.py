"""What people said of replies that they read without knowing whose they were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.domain.run import Side

Place = tuple[str, str]
"""Where a reply stands in its gate: the pair of runs, and the item."""


PAIR_VERDICTS: Mapping[str, tuple[bool, bool]] = {
    "only-a": (True, False),
    "only-b": (False, True),
    "both": (True, True),
    "neither": (False, False),
}
"""What a person or a judge can say of two replies, A and B, and whether it accepts each."""


class Blind(StrEnum):
    """What is laid before a reader at once: both sides of an item, or the candidate's reply alone."""

    PAIRS = "pairs"
    SINGLE = "single"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader said of one item.

    `candidate` and `baseline` tell which replies would be accepted; `baseline` is None where it
    was not shown.  `first` is the side that was shown as A.  `seconds` is how long the item was
    looked at; `at` is an ISO time in UTC.
    """

    pair: str
    item_id: str
    candidate: bool
    baseline: bool | None = None
    first: Side = Side.CANDIDATE
    note: str = ""
    seconds: float = 0.0
    at: str = ""

    @property
    def place(self) -> Place:
        """Where the reply stands in its gate."""
        return self.pair, self.item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Everything that one reader has read of one gate, each item once, in the order first read.

    `rubric` is the hex sha256 of the text that the reader was given, empty for none.
    """

    gate_id: str
    reviewer: str
    blind: Blind
    readings: tuple[Reading, ...] = ()
    rubric: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the readers of one item made of it together; `baseline` is None where nobody saw that side."""

    candidate: bool
    baseline: bool | None


def labels(reads: Iterable[Reads]) -> Mapping[Place, Label]:
    """Return what was made of each item that anybody read.

    A reply is accepted when more than half of those who read it accept it, so that a tie is none.
    """
    by_place: dict[Place, list[Reading]] = {}
    for each in reads:
        for reading in each.readings:
            by_place.setdefault(reading.place, []).append(reading)
    return {
        place: Label(
            candidate=_most([each.candidate for each in said]) or False,
            baseline=_most([each.baseline for each in said]),
        )
        for place, said in by_place.items()
    }


def _most(answers: Iterable[bool | None]) -> bool | None:
    given = [answer for answer in answers if answer is not None]
    return 2 * sum(given) > len(given) if given else None
