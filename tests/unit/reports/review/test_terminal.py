"""Reading in a terminal."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reports.review.desk import EXAMPLES, Card, Opinion
from reports.review.terminal import read_in_terminal


class ADesk:
    reviewer = "Ada"
    title = "data.jsonl"
    form = EXAMPLES
    cards = tuple(Card(id=f"e{n}", turns=(("user", "Q\x1b[2J"), ("assistant", "\u202eA"))) for n in range(3))

    def __init__(self) -> None:
        self.opinions: dict[str, Opinion] = {}

    def mark(self, card_id: str, opinion: Opinion) -> None:
        self.opinions[card_id] = opinion


def answers(*lines: str) -> Callable[[str], str]:
    left = iter(lines)

    def ask(_prompt: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return ask


def test_every_card_is_marked_and_may_be_marked_again() -> None:
    desk, said = ADesk(), []
    assert read_in_terminal(desk, ask=answers("a", "r  too long", "<", "A", "what", "r"), say=said.append)
    said_of = {name: (each.choice, each.note) for name, each in desk.opinions.items()}
    assert said_of == {"e0": ("accept", ""), "e1": ("accept", ""), "e2": ("reject", "")}
    assert "'what' is no answer" in "".join(said)


def test_nothing_that_was_written_reaches_the_terminal_as_a_command() -> None:
    said: list[str] = []
    read_in_terminal(ADesk(), ask=answers(), say=said.append)
    assert "\\u001b[2J" in said[0]
    assert "\\u202eA" in said[0]
    assert "\x1b" not in said[0]


@pytest.mark.parametrize("lines", [("a", "q"), ("a",)])
def test_stopping_keeps_what_was_marked_and_the_next_start_goes_on(lines: tuple[str, ...]) -> None:
    desk = ADesk()
    assert not read_in_terminal(desk, ask=answers(*lines), say=lambda _: None)
    assert list(desk.opinions) == ["e0"]
    assert read_in_terminal(desk, ask=answers("a", "a"), say=lambda _: None)
    assert list(desk.opinions) == ["e0", "e1", "e2"]


def test_the_time_of_each_look_is_kept_and_the_rubric_comes_first() -> None:
    desk, said, ticks = ADesk(), [], iter([0.0, 4.0, 10.0, 11.5])
    desk.form = replace(EXAMPLES, rubric="Be \x1bstrict.")
    read_in_terminal(desk, ask=answers("a", "r"), say=said.append, clock=lambda: next(ticks, 99.0))
    assert [each.seconds for each in desk.opinions.values()] == [4.0, 1.5]
    assert said[0] == "--- rubric\nBe \\u001bstrict."
