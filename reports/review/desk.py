"""What is laid before a reviewer, and the port to whoever keeps the marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing to be read: (role, text) turns, and the replies that are judged side by side.

    Without `replies` the last turn is what is judged.
    """

    id: str
    turns: tuple[tuple[str, str], ...]
    replies: tuple[tuple[str, str], ...] = ()
    source: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the things that can be said of a card.

    `key` is the letter that says it, `label` what stands on its button, `told` how it is counted.
    """

    value: str
    key: str
    label: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How cards are read: what one is called, what can be said of it, and by which rubric, if any."""

    noun: str
    choices: tuple[Choice, ...]
    rubric: str = ""


ACCEPT = Choice(value="accept", key="a", label="Accept", told="accepted")
REJECT = Choice(value="reject", key="r", label="Reject", told="rejected")
EXAMPLES = Form(noun="example", choices=(REJECT, ACCEPT))
"""How training examples are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What was said of a card: the value of a choice; and how long it was looked at, in seconds."""

    choice: str
    note: str = ""
    seconds: float = 0.0


class Desk(Protocol):
    """Holds the cards and keeps what is said of them."""

    @property
    def reviewer(self) -> str:
        """Who reads."""
        ...

    @property
    def title(self) -> str:
        """What is read."""
        ...

    @property
    def form(self) -> Form:
        """How it is read."""
        ...

    @property
    def cards(self) -> Sequence[Card]:
        """Every card, in the order they are read."""
        ...

    @property
    def opinions(self) -> Mapping[str, Opinion]:
        """What was said so far, by the id of the card."""
        ...

    def mark(self, card_id: str, opinion: Opinion) -> None:
        """Keep an opinion; raises `OSError` when it cannot be kept."""
        ...
