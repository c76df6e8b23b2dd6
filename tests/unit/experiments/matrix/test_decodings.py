"""A decoding is the same task, decoded otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.config.task_folder import find_task, load_task
from harness.experiments.matrix.decodings import task_name, task_under
from harness.experiments.matrix.definition import DecodingLevel
from harness.experiments.request import Places

LEVELS = [
    DecodingLevel(temperature=0.7),
    DecodingLevel(constrained=True, max_tokens=12),
    DecodingLevel(temperature=0.0, top_p=0.5, constrained=False),
]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("task", ["tickets", "fractions"])
def test_a_copy_differs_in_its_decoding_alone(
    where: Places, tmp_path: Path, task: str, level: DecodingLevel
) -> None:
    source = find_task(task, tasks_dir=where.tasks)
    copy = task_under(source, "other", level, tmp_path)
    before, after = load_task(source), load_task(copy)
    changed = level.model_dump(exclude_none=True)
    assert after.decoding == replace(before.decoding, **changed)
    assert after.name == task_name(source, "other") == f"{task}.other"
    assert (after.system, after.items, after.gold, after.schema) == (
        before.system,
        before.items,
        before.gold,
        before.schema,
    )
    assert after.ask(after.items[0].inputs) == before.ask(before.items[0].inputs)
    assert after.score(after.items[0], "{}") == before.score(before.items[0], "{}")


def test_the_tasks_own_decoding_needs_no_copy(where: Places, tmp_path: Path) -> None:
    source = find_task("tickets", tasks_dir=where.tasks)
    assert task_under(source, "task", None, tmp_path) == source
    assert task_name(source, "task") == "tickets"
    assert not list(tmp_path.iterdir())


def test_a_copy_is_made_anew_and_is_the_same_for_the_same_decoding(where: Places, tmp_path: Path) -> None:
    source = find_task("tickets", tasks_dir=where.tasks)
    first = load_task(task_under(source, "warm", LEVELS[0], tmp_path)).digest
    other = load_task(task_under(source, "warm", LEVELS[1], tmp_path)).digest
    again = load_task(task_under(source, "warm", LEVELS[0], tmp_path)).digest
    assert first == again != other
