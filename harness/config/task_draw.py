"""Training examples from a task's own generator: `draw(count, seed)` in its generate.py.

A task folder need not have one.  It yields {"inputs", "output", "source"?}, none of them an
item or a gold example: what was drawn is held against both here, whoever wrote the generator.
"""

import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import msgspec

from harness.config.task_code import import_task_code, package_name
from harness.domain.task import Inputs, Task
from harness.errors import InvalidTask
from harness.scoring.json_schema import SchemaValidator


class Drawn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One solved question: what is asked, the reply wanted, and the family it comes from."""

    inputs: dict[str, Any]
    output: Annotated[str, msgspec.Meta(min_length=1)]
    source: str = ""


def draw_solved(folder: Path, task: Task, *, count: int, seed: int) -> tuple[Drawn, ...] | None:
    """Return up to `count` solved questions from the generator in `folder`, None where there is none.

    Raises `InvalidTask` when the generator raises, repeats itself, breaks the task's schema or
    yields an item or a gold example.
    """
    folder = folder.resolve()
    if not (folder / "generate.py").is_file():
        return None
    draw = getattr(_generator(folder, task), "draw", None)
    if not callable(draw):
        return None
    try:
        rows = msgspec.convert(list(draw(count, seed)), tuple[Drawn, ...])
    except Exception as error:
        raise InvalidTask(
            f"draw({count}, {seed}) of {folder / 'generate.py'} raised {type(error).__name__}: {error}; let "
            "it yield rows with inputs, output and perhaps source"
        ) from error
    _require_new(rows, task, folder / "generate.py")
    return rows[:count]


def _generator(folder: Path, task: Task) -> object:
    import_task_code(folder, task.digest)
    try:
        return import_module(f"{package_name(folder, task.digest)}.generate")
    except Exception as error:
        raise InvalidTask(
            f"{folder / 'generate.py'} raised {type(error).__name__} on import ({error}): correct it there"
        ) from error


def _require_new(rows: Iterable[Drawn], task: Task, place: Path) -> None:
    validator = SchemaValidator(task.schema)
    known = {_canonical(item.inputs): f"item {item.id}" for item in task.items}
    known |= {_canonical(example.inputs): f"gold example {example.id}" for example in task.gold}
    for number, row in enumerate(rows, start=1):
        key = _canonical(row.inputs)
        if key in known:
            raise InvalidTask(
                f"{place}: draw gives {known[key]} again as its row {number}: leave it out there"
            )
        known[key] = f"row {number}"
        validity = validator.validity(row.output)
        if validity.value < 1.0:
            raise InvalidTask(
                f"{place}: the output of row {number} of draw breaks schema.json {validity.note}: correct it "
                "there"
            )


def _canonical(inputs: Inputs) -> str:
    return json.dumps(inputs, sort_keys=True, separators=(",", ":"))
