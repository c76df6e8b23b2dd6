"""What a trainer is shown, rendered: prompts, and the replies to be learnt from each.

    {"id", "arm", "prompt": [{"role", "content"}, …], "completion": [{"role", "content"}]}
    {"id", "arm", "prompt": […], "chosen": […], "rejected": […]}      for preferences

The rows lie beside the adapter that was trained on them, so anyone can read what it saw.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import InvalidDataset, Message, Role

COMPLETION = "completion"
CHOSEN = "chosen"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One prompt under one arm with its replies: `completion`, or `chosen` and `rejected`.

    The arm of what was mixed in from another job is empty.
    """

    id: str
    arm: str
    prompt: tuple[Message, ...]
    replies: Mapping[str, str]


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows as JSON lines, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text("".join(f"{as_line(row)}\n" for row in rows), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_rows(path: Path) -> tuple[Row, ...]:
    """Return the rows that `write_rows` wrote; raise `InvalidDataset` where the file is damaged."""
    try:
        # Not by splitlines: a reply may hold other characters that end a line.
        documents = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
        return tuple(_row(document) for document in documents)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidDataset(f"{path} cannot be read ({error}): remove its folder and train again") from error


def as_line(row: Row) -> str:
    """Return the row as one line of JSON."""
    replies = {name: [{"role": "assistant", "content": text}] for name, text in row.replies.items()}
    return json.dumps(
        {"id": row.id, "arm": row.arm, "prompt": as_turns(row.prompt), **replies}, ensure_ascii=False
    )


def as_turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Return messages as chat templates take them."""
    return [{"role": message.role.value, "content": message.content} for message in messages]


def _row(document: Mapping[str, object]) -> Row:
    prompt = document["prompt"]
    if not isinstance(prompt, list):
        raise TypeError("prompt is no list of turns")
    replies = {
        name: str(turns[0]["content"])
        for name in (COMPLETION, CHOSEN, REJECTED)
        if isinstance(turns := document.get(name), list)
    }
    return Row(
        id=str(document["id"]),
        arm=str(document["arm"]),
        prompt=tuple(Message(role=Role(turn["role"]), content=turn["content"]) for turn in prompt),
        replies=replies,
    )
