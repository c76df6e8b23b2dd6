"""What is laid before a reviewer, and the port to whoever keeps the marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One example to be read: (role, text) turns, the last one being what is learnt."""

    id: str
    turns: tuple[tuple[str, str], ...]
    source: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What was said of a card."""

    accepted: bool
    note: str


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
