"""The validation examples of a training run as a task: what no epoch learnt and no gate asks.

An epoch must not be chosen by the items that later decide whether it may ship.  The task is
the recipe's own, with its items replaced by the examples that were only looked at, and with
those examples taken out of its gold pool.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.domain.task import Json, Task
from harness.errors import InvalidRecipe
from harness.experiments.training_rows import Lesson
from training.rows import CHOSEN, COMPLETION


def write_held_out_task(source: Path, task: Task, lessons: Sequence[Lesson], out: Path) -> Path:
    """Return the folder of a task like the one in `source`, whose items are `lessons`.

    The wanted reply of a lesson, parsed where it is JSON, is its item's reference.  Raises
    `InvalidRecipe` when no lesson has inputs to ask with.
    """
    asked = [lesson for lesson in lessons if lesson.inputs is not None]
    if not asked:
        raise InvalidRecipe(
            "no validation example has inputs, so epochs cannot be asked anything that can be scored: give "
            "examples inputs and output, or leave --score-epochs out"
        )
    folder = out / source.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "*.jsonl"))
    items = [
        {
            "id": lesson.id,
            "cluster": lesson.source or lesson.id,
            "inputs": dict(lesson.inputs or {}),
            "reference": _reference(lesson),
        }
        for lesson in asked
    ]
    names = {lesson.id for lesson in asked}
    questions = [lesson.inputs for lesson in asked]
    gold = [
        {"id": example.id, "inputs": dict(example.inputs), "output": example.output}
        for example in task.gold
        if example.id not in names and example.inputs not in questions
    ]
    _write(folder / "items.jsonl", items)
    _write(folder / "gold.jsonl", gold)
    return folder


def _reference(lesson: Lesson) -> Json:
    wanted = lesson.replies.get(COMPLETION) or lesson.replies[CHOSEN]
    try:
        parsed: Json = json.loads(wanted)
    except ValueError:
        return wanted
    return parsed


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
