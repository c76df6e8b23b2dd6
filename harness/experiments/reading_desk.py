"""A gate's replies as whoever reads them sees them: blind, the order of sides drawn for each reader."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.domain.reading import PAIR_VERDICTS, Blind, Place, Reading
from harness.domain.response import GenerationFailure, Response
from harness.domain.run import ItemResult, Side
from harness.engine.seeds import derived_seed
from harness.store.reads import ReadsFile
from reports.review.desk import ACCEPT, REJECT, Card, Choice, Form, Opinion

PAIR_CHOICES = (
    Choice(value="only-a", key="a", label="Only A", told="A alone"),
    Choice(value="only-b", key="b", label="Only B", told="B alone"),
    Choice(value="both", key="g", label="Both good", told="both"),
    Choice(value="neither", key="x", label="Neither", told="neither"),
)
_VALUES = {accepted: value for value, accepted in PAIR_VERDICTS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One item to be read: its question in words, and what each side answered."""

    place: Place
    question: str
    candidate: ItemResult
    baseline: ItemResult | None = None

    @property
    def id(self) -> str:
        """One text that names the item within its gate."""
        return "/".join(self.place)


class GateDesk:
    """The sheets of a gate before one reader; which side is A is drawn for each reader and item."""

    def __init__(
        self,
        sheets: Sequence[Sheet],
        file: ReadsFile,
        *,
        seed: int,
        rubric: str,
        now: Callable[[], str],
    ) -> None:
        """Take the sheets in the order they are read; `now` gives an ISO time in UTC."""
        self._file = file
        self._now = now
        self._blind = file.reads.blind
        self._sheets = {sheet.id: sheet for sheet in sheets}
        self._first = {sheet.id: _first(seed, file.reads.reviewer, sheet) for sheet in sheets}
        self.cards = tuple(map(self._card, sheets))
        choices = PAIR_CHOICES if self._blind is Blind.PAIRS else (REJECT, ACCEPT)
        self.form = Form(noun="item", choices=choices, rubric=rubric)

    @property
    def reviewer(self) -> str:
        """Who reads."""
        return self._file.reads.reviewer

    @property
    def title(self) -> str:
        """What is read."""
        return f"gate {self._file.reads.gate_id}"

    @property
    def opinions(self) -> Mapping[str, Opinion]:
        """What was said so far, by sheet; readings of other items are left out."""
        said = {"/".join(each.place): each for each in self._file.reads.readings}
        return {
            name: Opinion(choice=self._choice(said[name]), note=said[name].note, seconds=said[name].seconds)
            for name in self._sheets
            if name in said
        }

    def mark(self, card_id: str, opinion: Opinion) -> None:
        """Keep an opinion as a reading of the true sides; raises `OSError`."""
        pair, item_id = self._sheets[card_id].place
        first = self._first[card_id]
        candidate, baseline = self._accepted(opinion.choice, first)
        self._file.add(
            Reading(
                pair=pair,
                item_id=item_id,
                candidate=candidate,
                baseline=baseline,
                first=first,
                note=opinion.note,
                seconds=opinion.seconds,
                at=self._now(),
            )
        )

    def _card(self, sheet: Sheet) -> Card:
        shown = [reply_text(sheet.candidate)]
        if self._blind is Blind.PAIRS and sheet.baseline is not None:
            shown.append(reply_text(sheet.baseline))
            if self._first[sheet.id] is Side.BASELINE:
                shown.reverse()
        names = ("Reply A", "Reply B") if len(shown) > 1 else ("Reply",)
        question = sheet.question or "(the task is not at hand; name its folder with --tasks)"
        return Card(
            id=sheet.id,
            turns=(("Question", question),),
            replies=tuple(zip(names, shown, strict=True)),
        )

    def _accepted(self, choice: str, first: Side) -> tuple[bool, bool | None]:
        """Return whether the candidate's reply, and the baseline's, is accepted by a choice."""
        if self._blind is Blind.SINGLE:
            return choice == ACCEPT.value, None
        shown_first, shown_second = PAIR_VERDICTS[choice]
        return (shown_first, shown_second) if first is Side.CANDIDATE else (shown_second, shown_first)

    def _choice(self, reading: Reading) -> str:
        if reading.baseline is None:
            return (ACCEPT if reading.candidate else REJECT).value
        sides = (reading.candidate, reading.baseline)
        is_first = self._first["/".join(reading.place)] is Side.CANDIDATE
        return _VALUES[sides if is_first else sides[::-1]]


def reply_text(result: ItemResult) -> str:
    """Return what a side answered, or that it gave no reply."""
    match result.outcome:
        case Response(text=text):
            return text or "(an empty reply)"
        case GenerationFailure(kind=kind):
            return f"(no reply: {kind})"
        case _:
            return "(no reply in words)"


def _first(seed: int, reviewer: str, sheet: Sheet) -> Side:
    toss = derived_seed(seed, "sides", reviewer, *sheet.place)
    return Side.CANDIDATE if toss & 1 else Side.BASELINE
