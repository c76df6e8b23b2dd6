"""Which items are in the training data: by inputs, and by thirteen words in a row."""

from collections.abc import Callable

import pytest

from harness import Inputs, Message, Role, Task
from training.example import Example
from training.preflight.overlap import overlapping_items

Tasks = Callable[..., Task]


def _example(name: str, question: str, *, system: str = "", inputs: Inputs | None = None) -> Example:
    turns = [(Role.SYSTEM, system)] if system else []
    spoken = [*turns, (Role.USER, question), (Role.ASSISTANT, "fine")]
    messages = tuple(Message(role=role, content=content) for role, content in spoken)
    return Example(id=name, messages=messages, inputs=inputs)


@pytest.mark.parametrize(
    ("example", "found"),
    [
        (_example("x", "What of it?"), ()),
        (_example("x", "What of it?", inputs={"b": 1, "a": 3}), ("i3",)),
        (_example("x", "What of it?", inputs={"a": 3, "b": 2}), ()),
    ],
    ids=["other", "same inputs", "other inputs"],
)
def test_an_item_is_known_by_its_inputs(a_task: Tasks, example: Example, found: tuple[str, ...]) -> None:
    assert overlapping_items(a_task(), [example]) == found


def test_an_item_is_known_by_its_words_whatever_their_case(a_task: Tasks) -> None:
    task = a_task()
    asked = task.ask(task.items[0].inputs)
    assert overlapping_items(task, [_example("x", asked.upper())]) == ("i1",)
    assert overlapping_items(task, [_example("x", "hello", system=asked)]) == ()
