"""Reading examples in a terminal, one after the other."""

from collections.abc import Callable

from reports.plain_text import harmless
from reports.review.desk import Card, Desk, Opinion

_LONGEST_TEXT = 50_000
_HELP = "a accept, r reject, b back, q stop; words behind a or r are kept as a note"


def read_in_terminal(desk: Desk, *, ask: Callable[[str], str], say: Callable[[str], None]) -> bool:
    """Lay every unmarked card before the reader; return whether all are marked in the end.

    `ask` shows a prompt and returns a line; an end of input stops as `q` does.
    """
    cards = desk.cards
    at = _next_unmarked(desk, 0)
    while at is not None:
        say(_shown(cards[at], at + 1, len(cards)))
        try:
            word, _, note = ask(f"[{at + 1}/{len(cards)}] {_HELP}: ").strip().partition(" ")
        except EOFError:
            return False
        match word.lower():
            case "a" | "r":
                desk.mark(cards[at].id, Opinion(accepted=word.lower() == "a", note=note.strip()))
                at = _next_unmarked(desk, at)
            case "b":
                at = max(0, at - 1)
            case "q":
                return False
            case _:
                say(f"{harmless(word)!r} is no answer: {_HELP}")
    return True


def _next_unmarked(desk: Desk, after: int) -> int | None:
    """The first unmarked card from here on, and then from the beginning."""
    order = [*range(after, len(desk.cards)), *range(after)]
    return next((at for at in order if desk.cards[at].id not in desk.opinions), None)


def _shown(card: Card, number: int, total: int) -> str:
    facts = ", ".join(harmless(each) for each in (card.source, *card.tags) if each)
    lines = [f"\n{'=' * 70}\n{number} of {total}  {harmless(card.id)}{facts and f'  ({facts})'}"]
    for role, text in card.turns:
        lines.append(f"--- {role}\n{harmless(text, longest=_LONGEST_TEXT)}")
    return "\n".join(lines)
