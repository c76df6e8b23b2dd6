"""Has a person read a sample of a data set, and writes down what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import InvalidDataset, UsageError
from harness.experiments.data_files import Room
from reports.review.desk import ACCEPT, EXAMPLES, REJECT, Card, Desk, Form, Opinion
from training.data.review import Review, Sampling, write_review
from training.data.review_ledger import ReviewLedger
from training.data.sample import sampled
from training.example import Example

Read = Callable[[Desk], bool]
"""Lays a desk before the reader and says whether all of it was marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequest:
    """Have `reviewer` read `count` examples of `source`, drawn by `seed`."""

    source: str
    out: Path
    reviewer: str
    count: int
    seed: int


def review_data(request: ReviewRequest, room: Room, read: Read) -> Review | None:
    """Return the finished review, written to `request.out`; None when the reader stopped before.

    Marks are kept beside `out` as they are made, and the same request goes on from them.
    Raises `InvalidDataset` for data that cannot be read, a review of other data under way
    there, or an `out` that exists.
    """
    if not request.reviewer.strip():
        raise UsageError("a review without a reader is worth nothing: name one with --reviewer")
    data = room.read(request.source)
    room.tally.end()
    examples = data.examples
    chosen = sampled(examples, request.count, seed=request.seed)
    if request.out.exists():
        raise InvalidDataset(
            f"{request.out} exists already: give --out another name, or remove it to review again"
        )
    sampling = Sampling(
        data=data.file.path,
        data_digest=data.file.digest,
        examples=len(examples),
        count=len(chosen),
        seed=request.seed,
    )
    ledger = ReviewLedger(ledger_path(request.out), sampling, request.reviewer.strip(), _now)
    if not read(_LedgerDesk(request, chosen, ledger)):
        return None
    review = ledger.review(tuple(example.id for example in chosen))
    write_review(request.out, review)
    ledger.remove()
    return review


def ledger_path(out: Path) -> Path:
    """Return where the marks of an unfinished review lie."""
    return out.with_name(f"{out.stem}.marks.jsonl")


class _LedgerDesk:
    """The ledger as whoever shows the cards sees it."""

    def __init__(self, request: ReviewRequest, examples: tuple[Example, ...], ledger: ReviewLedger) -> None:
        self._request = request
        self._cards = tuple(map(_card, examples))
        self._ledger = ledger

    @property
    def reviewer(self) -> str:
        return self._request.reviewer

    @property
    def title(self) -> str:
        return Path(self._request.source).name

    @property
    def form(self) -> Form:
        return EXAMPLES

    @property
    def cards(self) -> tuple[Card, ...]:
        return self._cards

    @property
    def opinions(self) -> Mapping[str, Opinion]:
        marks = self._ledger.marks
        return {
            name: Opinion(choice=(ACCEPT if mark.accepted else REJECT).value, note=mark.note)
            for name, mark in marks.items()
        }

    def mark(self, card_id: str, opinion: Opinion) -> None:
        self._ledger.mark(card_id, accepted=opinion.choice == ACCEPT.value, note=opinion.note)


def _card(example: Example) -> Card:
    *asked, learnt = ((str(turn.role), turn.content) for turn in example.messages)
    return Card(
        id=example.id,
        turns=(*asked, (f"{learnt[0]}: the reply to be learnt", learnt[1])),
        source=example.source,
        tags=example.tags,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
