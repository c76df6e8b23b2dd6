"""Training examples as JSON lines, in the four shapes that people keep them in.

    {"id": "a", "inputs": {…}, "output": "…"}                    worded by a task, under any arm
    {"messages": [{"role": "user", "content": "…"}, …]}          the last turn is the reply
    {"prompt": [{"role": …}, …], "completion": [{"role": …}]}    as TRL writes it
    {"instruction": "…", "input": "…", "output": "…"}            as Alpaca wrote it

Each may also hold `id`, `source`, `made_on` (an ISO date) and `tags`.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import InvalidDataset, Message, Role, Task
from training.example import Example

_SHAPES = (
    '"inputs" and "output" (with --task), "messages", "prompt" and "completion", or "instruction", "input" '
    'and "output", besides id, source, made_on and tags'
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


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
    instruction: str | None = None
    input: str | None = None
    source: str = ""
    made_on: str = ""
    tags: tuple[str, ...] = ()


_SHAPE_FIELDS = ("inputs", "output", "messages", "prompt", "completion", "instruction", "input")
_FIELDS = frozenset(_Row.__struct_fields__)


def read_examples(path: Path, *, task: Task | None = None) -> tuple[Example, ...]:
    """Return the examples in the file, in its order; one without an id is named for its content.

    `task` words the prompts of rows that hold inputs.  Raises `InvalidDataset` naming file and
    line for a malformed row, roles out of order, an empty reply, an id used twice, or no
    examples at all.
    """
    rows = ((f"{path}, line {number}", _row(path, number, line)) for number, line in _lines(path))
    examples = _examples(rows, task)
    if not examples:
        raise InvalidDataset(f"{path} holds no examples: write one JSON object a line")
    return examples


def examples_of(
    rows: Iterable[Mapping[str, Any]], *, where: str, task: Task | None = None
) -> tuple[Example, ...]:
    """Return the examples of rows that were read elsewhere; columns with other names are left out.

    Raises `InvalidDataset` naming `where` and the row, from 1, as `read_examples` does.
    """
    numbered = ((f"{where}, row {number}", row) for number, row in enumerate(rows, start=1))
    examples = _examples(((place, _converted(row, place)) for place, row in numbered), task)
    if not examples:
        raise InvalidDataset(f"{where} holds no examples: name a data set, or a split of it, that does")
    return examples


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


def _examples(rows: Iterable[tuple[str, _Row]], task: Task | None) -> tuple[Example, ...]:
    """The examples of rows, each with the place it came from."""
    examples: dict[str, Example] = {}
    for place, row in rows:
        messages = _messages(row, task, place)
        _require_order(messages, place)
        if row.made_on and not _is_day(row.made_on):
            raise InvalidDataset(f"{place}: made_on is {row.made_on!r}: write an ISO date such as 2026-11-25")
        if row.id in examples:
            raise InvalidDataset(
                f"{place}: id {row.id!r} stands there a second time: give every example an id of its own"
            )
        name = row.id or _name(messages, examples)
        examples[name] = Example(
            id=name,
            messages=messages,
            inputs=row.inputs,
            source=row.source,
            made_on=row.made_on,
            tags=row.tags,
        )
    return tuple(examples.values())


def _name(messages: tuple[Message, ...], taken: Collection[str]) -> str:
    """A name of the content; the second of two equal examples is called -2."""
    digest = hashlib.sha256(repr(messages).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    again = (f"{digest}-{number}" for number in count(2))
    return next(name for name in chain((digest,), again) if name not in taken)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): give the path of a JSON lines file"
        ) from error
    for number, line in enumerate(content.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _row(path: Path, number: int, line: bytes) -> _Row:
    try:
        return msgspec.json.decode(line, type=_Row)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidDataset(
            f"{path}, line {number} is no training example ({error}): write one JSON object with {_SHAPES}"
        ) from error


def _converted(row: Mapping[str, Any], place: str) -> _Row:
    """The row of a table, whose columns are empty where a row has none of the kind."""
    known = {name: value for name, value in row.items() if name in _FIELDS and value is not None}
    if isinstance(known.get("id"), int):
        known["id"] = str(known["id"])
    for name in ("prompt", "completion"):
        if isinstance(known.get(name), str):
            known[name] = [{"role": "user" if name == "prompt" else "assistant", "content": known[name]}]
    try:
        return msgspec.convert(known, _Row)
    except msgspec.ValidationError as error:
        raise InvalidDataset(
            f"{place} is no training example ({error}): give the data set columns named {_SHAPES}"
        ) from error


def _messages(row: _Row, task: Task | None, place: str) -> tuple[Message, ...]:
    given = {name for name in _SHAPE_FIELDS if getattr(row, name) is not None}
    match row:
        case _Row(inputs=dict(inputs), output=str(output)) if given == {"inputs", "output"}:
            if task is None:
                raise InvalidDataset(
                    f"{place} holds inputs, which a task must word: name it with --task, or write messages"
                )
            return (
                Message(role=Role.SYSTEM, content=task.system),
                Message(role=Role.USER, content=_worded(task, inputs, place)),
                Message(role=Role.ASSISTANT, content=output),
            )
        case _Row(messages=tuple(turns)) if given == {"messages"}:
            return _turns(turns)
        case _Row(prompt=tuple(turns), completion=tuple(reply)) if given == {"prompt", "completion"}:
            return _turns((*turns, *reply))
        case _Row(instruction=str(text), output=str(output)) if given - {"input"} == {
            "instruction",
            "output",
        }:
            asked = "\n\n".join(part for part in (text, row.input) if part)
            return (
                Message(role=Role.USER, content=asked),
                Message(role=Role.ASSISTANT, content=output),
            )
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
