"""Questions that somebody has and wants answered: the inputs of a task, one JSON object a line."""

from pathlib import Path
from typing import Any

from harness import Inputs, InvalidDataset, Task


def read_questions(path: Path, task: Task) -> tuple[Inputs, ...]:
    """Return the inputs in the file, in its order; a line may also hold them under `inputs`.

    Raises `InvalidDataset` naming file and line for what the task cannot word, and for no
    questions at all.
    """
    import msgspec

    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): write teacher, gold or the path of JSON lines"
        ) from error
    found: list[Inputs] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=dict[str, Any])
            inputs = row["inputs"] if isinstance(row.get("inputs"), dict) else row
            task.ask(inputs)
        except Exception as error:  # a task's code may raise anything on inputs it never saw
            raise InvalidDataset(
                f"{path}, line {number} holds no inputs of {task.name} ({type(error).__name__}: {error}): "
                "write one JSON object with the fields that its items have"
            ) from error
        found.append(inputs)
    if not found:
        raise InvalidDataset(f"{path} holds no questions: write one JSON object of inputs a line")
    return tuple(found)
