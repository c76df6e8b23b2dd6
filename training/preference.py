"""Pairs of replies to one prompt, of which one was accepted and one rejected, as JSON lines.

    {"id": "a", "inputs": {…}, "chosen": "…", "rejected": "…"}      worded by a task, under any arm
    {"prompt": [{"role": …}, …], "chosen": "…", "rejected": "…"}    taken as it stands

Each may also hold `id` and `source`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import Inputs, InvalidDataset, Message, Role, Task

_SHAPES = '"inputs" (with a task) or "prompt", and "chosen" and "rejected", besides id and source'


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One prompt with the reply that was accepted and the one that was not."""

    id: str
    prompt: tuple[Message, ...]
    chosen: str
    rejected: str
    inputs: Inputs | None = None
    source: str = ""

    @property
    def question(self) -> str:
        """What was asked last, which tells pairs apart."""
        return next(turn.content for turn in reversed(self.prompt) if turn.role is Role.USER)


class _Turn(msgspec.Struct, forbid_unknown_fields=True):
    role: Literal["system", "user", "assistant"]
    content: str


class _Row(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    chosen: str
    rejected: str
    id: str = ""
    inputs: dict[str, Any] | None = None
    prompt: tuple[_Turn, ...] | None = None
    source: str = ""


def read_preferences(path: Path, *, task: Task | None = None) -> tuple[Preference, ...]:
    """Return the pairs in the file, in its order; one without an id is named for its content.

    Raises `InvalidDataset` naming file and line for a malformed row, roles out of order,
    replies that are empty or equal, an id used twice, or no pairs at all.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): give the path of a JSON lines file"
        ) from error
    pairs: dict[str, Preference] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        pair = _preference(line, task, f"{path}, line {number}")
        if pair.id in pairs:
            raise InvalidDataset(
                f"{path}, line {number}: id {pair.id!r} stands there a second time: give every pair an id of "
                "its own"
            )
        pairs[pair.id] = pair
    if not pairs:
        raise InvalidDataset(f"{path} holds no preferences: write one JSON object a line with {_SHAPES}")
    return tuple(pairs.values())


def preferences_digest(pairs: Sequence[Preference]) -> str:
    """Return the hex sha256 of the pairs in their order, whatever file they stand in."""
    whole = hashlib.sha256()
    for pair in pairs:
        turns = [[turn.role.value, turn.content] for turn in pair.prompt]
        content = [pair.id, turns, pair.chosen, pair.rejected]
        whole.update(json.dumps(content).encode() + b"\n")
    return whole.hexdigest()


def _preference(line: bytes, task: Task | None, place: str) -> Preference:
    try:
        row = msgspec.json.decode(line, type=_Row)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidDataset(
            f"{place} is no preference ({error}): write one JSON object with {_SHAPES}"
        ) from error
    prompt = _prompt(row, task, place)
    if not row.chosen.strip() or not row.rejected.strip() or row.chosen == row.rejected:
        raise InvalidDataset(
            f"{place}: chosen and rejected are empty or the same, so there is nothing to prefer: write two "
            "different replies, or drop the pair"
        )
    named = row.id or hashlib.sha256(repr((prompt, row.chosen, row.rejected)).encode()).hexdigest()[:16]
    return Preference(
        id=named,
        prompt=prompt,
        chosen=row.chosen,
        rejected=row.rejected,
        inputs=row.inputs,
        source=row.source,
    )


def _prompt(row: _Row, task: Task | None, place: str) -> tuple[Message, ...]:
    if (row.inputs is None) == (row.prompt is None):
        raise InvalidDataset(f"{place} is no preference: write one JSON object with {_SHAPES}")
    if row.inputs is not None:
        if task is None:
            raise InvalidDataset(f"{place} holds inputs, which a task must word: name it in the recipe")
        question = _worded(task, row.inputs, place)
        return (Message(role=Role.SYSTEM, content=task.system), Message(role=Role.USER, content=question))
    turns = tuple(Message(role=Role(turn.role), content=turn.content) for turn in row.prompt or ())
    roles = [turn.role for turn in turns]
    spoken = roles[1:] if roles[:1] == [Role.SYSTEM] else roles
    if spoken != [Role.USER, Role.ASSISTANT] * (len(spoken) // 2) + [Role.USER]:
        shown = ", ".join(roles) or "none"
        raise InvalidDataset(
            f"{place}: roles are out of order ({shown}): an optional system turn comes first, then user and "
            "assistant take turns, and the user speaks last"
        )
    return turns


def _worded(task: Task, inputs: dict[str, Any], place: str) -> str:
    try:
        return task.ask(inputs)
    except Exception as error:
        raise InvalidDataset(
            f"{place}: ask() of task {task.name} raised {type(error).__name__}: {error}; give the inputs "
            "that its items have"
        ) from error
