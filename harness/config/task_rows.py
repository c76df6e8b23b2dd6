"""The items and gold examples of a task folder, one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from harness.domain.task import GoldExample, Item
from harness.errors import InvalidTask

_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _ItemRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    id: _Text
    cluster: _Text
    inputs: dict[str, Any]
    reference: Any = None
    tags: tuple[str, ...] = ()
    oracle: str = ""


class _GoldRow(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    id: _Text
    inputs: dict[str, Any]
    output: str


_Row = TypeVar("_Row", _ItemRow, _GoldRow)


def read_items(path: Path) -> dict[int, Item]:
    """Return the items by the number of their line, from 1.

    Raises `InvalidTask` for a malformed line, an id used twice, or no items at all.
    """
    rows = _rows(path, _ItemRow, "id, cluster and inputs, and may hold tags, reference and oracle")
    if not rows:
        raise InvalidTask(f"{path} holds no items: write one JSON object a line")
    return {
        number: Item(
            id=row.id,
            cluster=row.cluster,
            inputs=row.inputs,
            reference=row.reference,
            tags=row.tags,
            oracle=row.oracle,
        )
        for number, row in rows.items()
    }


def read_gold(path: Path) -> dict[int, GoldExample]:
    """Return the gold examples by the number of their line, from 1; there may be none.

    Raises `InvalidTask` for a malformed line or an id used twice.
    """
    rows = _rows(path, _GoldRow, "id, inputs and output, the wanted reply as a string")
    return {
        number: GoldExample(id=row.id, inputs=row.inputs, output=row.output) for number, row in rows.items()
    }


def require_apart(items: dict[int, Item], gold: dict[int, GoldExample], path: Path) -> None:
    """Raise `InvalidTask` when a gold example gives an item away: same id or same inputs."""
    by_id = {item.id: number for number, item in items.items()}
    by_inputs = {_canonical(item.inputs): number for number, item in items.items()}
    for number, example in gold.items():
        twin = by_id.get(example.id) or by_inputs.get(_canonical(example.inputs))
        if twin is not None:
            shared = "id" if example.id in by_id else "inputs"
            raise InvalidTask(
                f"{path} line {number}: gold example {example.id!r} has the same {shared} as item "
                f"{items[twin].id!r} on line {twin} of items.jsonl: take it out of one of the two, a prompt "
                "must not show the answer"
            )


def _rows(path: Path, kind: type[_Row], wanted: str) -> dict[int, _Row]:
    rows: dict[int, _Row] = {}
    first_seen: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            row = msgspec.json.decode(line, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidTask(f"{path} line {number}: {error}: a line holds {wanted}") from error
        before = first_seen.setdefault(row.id, number)
        if before != number:
            raise InvalidTask(
                f"{path} line {number}: id {row.id!r} is already used on line {before}: give each its own"
            )
        rows[number] = row
    return rows


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number from 1 and bytes of each line that is not blank."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InvalidTask(
            f"{path} could not be read ({error.strerror}): a task folder holds task.py, schema.json, "
            "items.jsonl and gold.jsonl"
        ) from error
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _canonical(inputs: object) -> str:
    return json.dumps(inputs, sort_keys=True, separators=(",", ":"))
