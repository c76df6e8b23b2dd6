"""What users asked, read from JSON lines of live or shadow traffic, in the shapes that logs keep requests in.

    {"messages": [{"role": "user", "content": "…"}, …]}     the last user's turn is the input
    {"prompt": "…"}, or messages there                      completions, and chats as TRL writes them
    {"inputs": {…}}                                         worded by a task
    {"question": "…"}, or "input", or "text", or a string

Any of them may stand under "request" or "body", and whatever else a log holds is passed over.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness import InvalidDataset, Task

_WRAPPERS = ("request", "body")
_TEXTS = ("question", "input", "text")
_SHAPES = '"messages", "prompt", "inputs" (with --task), "question", "input" or "text"'


def read_live_inputs(path: Path, *, task: Task | None = None) -> tuple[str, ...]:
    """Return the text of every input in the file, in its order, repeats included.

    Raises `InvalidDataset` naming file and line for a row that holds none, and for an empty file.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): give a file of JSON lines, one request a line"
        ) from error
    found = tuple(
        _input(line, f"{path}, line {number}", task) for number, line in enumerate(lines, 1) if line.strip()
    )
    if not found:
        raise InvalidDataset(f"{path} holds no inputs: write one request a line, as JSON")
    return found


def _input(line: bytes, place: str, task: Task | None) -> str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidDataset(f"{place} is no JSON ({error}): write one request a line") from error
    text = _text(row, task, place)
    if text is None:
        raise InvalidDataset(f"{place} holds no input: write one JSON object a line with {_SHAPES}")
    return text.encode("utf-8", "replace").decode()


def _text(row: Any, task: Task | None, place: str) -> str | None:  # noqa: ANN401 - JSON from outside
    """The input of a row, None where it holds none."""
    match row:
        case str():
            return row
        case {"messages": [*turns]} | {"prompt": [*turns]}:
            return _last_asked(turns)
        case {"prompt": str(text)}:
            return text
        case {"inputs": dict(inputs)}:
            return _worded(inputs, task, place)
        case dict(fields):
            texts = (text for text in map(fields.get, _TEXTS) if isinstance(text, str))
            within = (_text(fields[name], task, place) for name in _WRAPPERS if name in fields)
            return next(texts, None) or next(within, None)
        case _:
            return None


def _last_asked(turns: list[Any]) -> str | None:
    asked = [turn for turn in turns if isinstance(turn, dict) and turn.get("role") == "user"]
    match asked[-1:]:
        case [{"content": str(text)}]:
            return text
        case [{"content": [*parts]}]:
            texts = [part["text"] for part in parts if isinstance(part, dict) and "text" in part]
            return "\n".join(map(str, texts)) if texts else None
        case _:
            return None


def _worded(inputs: Mapping[str, Any], task: Task | None, place: str) -> str:
    if task is None:
        raise InvalidDataset(f"{place} holds inputs, which a task must word: name it with --task")
    try:
        return task.ask(inputs)
    except Exception as error:  # a user's code may raise anything
        raise InvalidDataset(
            f"{place}: ask() of task {task.name} raised {type(error).__name__}: {error}; log the inputs that "
            "its items have"
        ) from error
