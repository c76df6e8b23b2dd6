"""Training examples as JSON lines, in the three shapes that people keep them in.

    {"id": "a", "inputs": {…}, "output": "…"}                    worded by a task, under any arm
    {"messages": [{"role": "user", "content": "…"}, …]}          the last turn is the reply
    {"prompt": [{"role": …}, …], "completion": [{"role": …}]}    as TRL writes it

Each may also hold `id`, `source`, `made_on` (an ISO date) and `tags`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import InvalidDataset, Message, Role, Task
from training.example import Example

_SHAPES = (
    '"inputs" and "output" (with --task), "messages", or "prompt" and "completion", besides id, source, '
    "made_on and tags"
)


class _Turn(msgspec.Struct, forbid_unknown_fields=True):
    role: Literal["system", "user", "assistant"]
    content: str


class _Row(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    id: str = ""
    inputs: dict[str, Any] | None = None
    output: str | None = None
    messages: tuple[_Turn, ...] | None = None
    prompt: tuple[_Turn, ...] | None = None
    completion: tuple[_Turn, ...] | None = None
    source: str = ""
    made_on: str = ""
    tags: tuple[str, ...] = ()


def read_examples(path: Path, *, task: Task | None = None) -> tuple[Example, ...]:
    """Return the examples in the file, in its order; one without an id is named for its content.

    `task` words the prompts of rows that hold inputs.  Raises `InvalidDataset` naming file and
    line for a malformed row, roles out of order, an empty reply, an id used twice, or no
    examples at all.
    """
    examples: dict[str, Example] = {}
    for number, line in _lines(path):
        example = _example(_row(path, number, line), task, f"{path}, line {number}")
        if example.id in examples:
            raise InvalidDataset(
                f"{path}, line {number}: id {example.id!r} stands there a second time: give every example "
                "an id of its own"
            )
        examples[example.id] = example
    if not examples:
        raise InvalidDataset(f"{path} holds no examples: write one JSON object a line")
    return tuple(examples.values())


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Leave the examples at `path`, whole or not at all; the same examples give the same bytes."""
    draft = path.with_name(f".{path.name}.draft")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.write_text("".join(f"{as_line(example)}\n" for example in examples), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def as_line(example: Example) -> str:
    """Return the example as the one line of JSON that `read_examples` reads back."""
    row: dict[str, Any] = {"id": example.id}
    if example.inputs is not None:
        row |= {"inputs": dict(example.inputs), "output": example.completion}
    else:
        row["messages"] = [{"role": str(turn.role), "content": turn.content} for turn in example.messages]
    optional = {"source": example.source, "made_on": example.made_on, "tags": list(example.tags)}
    return json.dumps(row | {name: value for name, value in optional.items() if value}, ensure_ascii=False)


def examples_digest(examples: Sequence[Example]) -> str:
    """Return the hex sha256 of the examples in their order, whatever file they stand in."""
    whole = hashlib.sha256()
    for example in examples:
        whole.update(as_line(example).encode() + b"\n")
    return whole.hexdigest()


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): give the path of a JSON lines file"
        ) from error
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _row(path: Path, number: int, line: bytes) -> _Row:
    try:
        return msgspec.json.decode(line, type=_Row)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidDataset(
            f"{path}, line {number} is no training example ({error}): write one JSON object with {_SHAPES}"
        ) from error


def _example(row: _Row, task: Task | None, place: str) -> Example:
    messages = _messages(row, task, place)
    _require_order(messages, place)
    if row.made_on and not _is_day(row.made_on):
        raise InvalidDataset(f"{place}: made_on is {row.made_on!r}: write an ISO date such as 2026-11-25")
    named = row.id or hashlib.sha256(repr(messages).encode()).hexdigest()[:16]
    return Example(
        id=named,
        messages=messages,
        inputs=row.inputs,
        source=row.source,
        made_on=row.made_on,
        tags=row.tags,
    )


def _messages(row: _Row, task: Task | None, place: str) -> tuple[Message, ...]:
    match row:
        case _Row(inputs=dict(inputs), output=str(output), messages=None, prompt=None, completion=None):
            if task is None:
                raise InvalidDataset(
                    f"{place} holds inputs, which a task must word: name it with --task, or write messages"
                )
            return (
                Message(role=Role.SYSTEM, content=task.system),
                Message(role=Role.USER, content=_worded(task, inputs, place)),
                Message(role=Role.ASSISTANT, content=output),
            )
        case _Row(inputs=None, output=None, messages=tuple(turns), prompt=None, completion=None):
            return _turns(turns)
        case _Row(inputs=None, output=None, messages=None, prompt=tuple(turns), completion=tuple(reply)):
            return _turns((*turns, *reply))
        case _:
            raise InvalidDataset(f"{place} is no training example: write one JSON object with {_SHAPES}")


def _worded(task: Task, inputs: dict[str, Any], place: str) -> str:
    try:
        return task.ask(inputs)
    except Exception as error:
        raise InvalidDataset(
            f"{place}: ask() of task {task.name} raised {type(error).__name__}: {error}; give the inputs "
            "that its items have"
        ) from error


def _turns(turns: Iterable[_Turn]) -> tuple[Message, ...]:
    return tuple(Message(role=Role(turn.role), content=turn.content) for turn in turns)


def _require_order(messages: tuple[Message, ...], place: str) -> None:
    """System first or not at all, then user and assistant in turn, the assistant last and not empty."""
    roles = [turn.role for turn in messages]
    spoken = roles[1:] if roles[:1] == [Role.SYSTEM] else roles
    expected = [Role.USER, Role.ASSISTANT] * (len(spoken) // 2)
    if not spoken or spoken != expected:
        shown = ", ".join(roles) or "none"
        raise InvalidDataset(
            f"{place}: roles are out of order ({shown}): an optional system turn comes first, then user and "
            "assistant take turns, and the assistant speaks last"
        )
    if not messages[-1].content.strip():
        raise InvalidDataset(f"{place}: the reply to be learnt is empty: write it, or drop the example")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
