"""Reading in a terminal, one card after the other."""

from collections.abc import Callable
from time import monotonic

from reports.plain_text import harmless
from reports.review.desk import Card, Desk, Form, Opinion

_LONGEST_TEXT = 50_000


def read_in_terminal(
    desk: Desk,
    *,
    ask: Callable[[str], str],
    say: Callable[[str], None],
    clock: Callable[[], float] = monotonic,
) -> bool:
    """Lay every unmarked card before the reader; return whether all are marked in the end.

    `ask` shows a prompt and returns a line; an end of input stops as `q` does.  `clock` gives
    monotonic seconds.
    """
    cards, told = desk.cards, _help(desk.form)
    values = {choice.key: choice.value for choice in desk.form.choices}
    if desk.form.rubric:
        say(f"--- rubric\n{harmless(desk.form.rubric, longest=_LONGEST_TEXT)}")
    at = _next_unmarked(desk, 0)
    while at is not None:
        say(_shown(cards[at], at + 1, len(cards)))
        began_s = clock()
        try:
            word, _, note = ask(f"[{at + 1}/{len(cards)}] {told}: ").strip().partition(" ")
        except EOFError:
            return False
        match word.lower():
            case key if key in values:
                opinion = Opinion(choice=values[key], note=note.strip(), seconds=clock() - began_s)
                desk.mark(cards[at].id, opinion)
                at = _next_unmarked(desk, at)
            case "<":
                at = max(0, at - 1)
            case "q":
                return False
            case _:
                say(f"{harmless(word)!r} is no answer: {told}")
    return True


def _help(form: Form) -> str:
    keys = ", ".join(f"{choice.key} {choice.label.lower()}" for choice in form.choices)
    return f"{keys}, < back, q stop; words behind a letter are kept as a note"


def _next_unmarked(desk: Desk, after: int) -> int | None:
    """The first unmarked card from here on, and then from the beginning."""
    order = [*range(after, len(desk.cards)), *range(after)]
    return next((at for at in order if desk.cards[at].id not in desk.opinions), None)


def _shown(card: Card, number: int, total: int) -> str:
    facts = ", ".join(harmless(each) for each in (card.source, *card.tags) if each)
    lines = [f"\n{'=' * 70}\n{number} of {total}  {harmless(card.id)}{facts and f'  ({facts})'}"]
    for role, text in (*card.turns, *card.replies):
        lines.append(f"--- {role}\n{harmless(text, longest=_LONGEST_TEXT)}")
    return "\n".join(lines)
