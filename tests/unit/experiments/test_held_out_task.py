"""A task of validation examples: the recipe's own, with other items and a pool without them."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.config.task_folder import load_task
from harness.domain.prompt import Message, Role
from harness.errors import InvalidRecipe
from harness.experiments.held_out_task import write_held_out_task
from harness.experiments.training_rows import Lesson

TICKETS = Path(__file__).parents[3] / "suites" / "tasks" / "tickets"


def test_validation_examples_are_asked_and_not_shown(tmp_path: Path) -> None:
    task = load_task(TICKETS)
    lessons = [
        Lesson(
            id=gold.id,
            question=task.ask(gold.inputs),
            prompt=(Message(role=Role.USER, content="x"),),
            replies={"completion": gold.output},
            inputs=gold.inputs,
            source="",
        )
        for gold in task.gold[:7]
    ]
    held = load_task(write_held_out_task(TICKETS, task, lessons, tmp_path))
    assert [item.id for item in held.items] == [lesson.id for lesson in lessons]
    assert len(held.gold) == len(task.gold) - 7
    assert (held.name, held.system, held.schema) == (task.name, task.system, task.schema)
    assert held.digest != task.digest
    right = [
        held.score(item, lesson.replies["completion"])
        for item, lesson in zip(held.items, lessons, strict=True)
    ]
    assert [score.value for score in right] == [1.0] * 7
    assert held.score(held.items[0], "{}").value < 1.0

    without = [replace(lesson, inputs=None) for lesson in lessons]
    with pytest.raises(InvalidRecipe, match="no validation example has inputs"):
        write_held_out_task(TICKETS, task, without, tmp_path)
