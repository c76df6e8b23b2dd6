"""Queries, each with the gold examples that should come back for it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from harness import InvalidDataset, Task

FROM_FILE = "a file of pairs"

_FEWEST_QUERIES = 10
_HELD_OUT_SHARE = 0.2
_Text = Annotated[str, msgspec.Meta(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query and the ids of the gold examples wanted for it.

    `own` is the gold example that asks just this, empty where none does: it is no answer to
    itself, and counts neither for nor against.
    """

    query: str
    relevant: frozenset[str]
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSet:
    """What an embedder learns from and is measured on; no query stands on both sides.

    `source` says in words what made a gold example relevant, `gold` maps the id of every
    example of the pool to its text.
    """

    source: str
    training: tuple[Asked, ...]
    held_out: tuple[Asked, ...]
    gold: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The hex sha256 of both sides and of the pool."""
        spelled = [
            [[each.query, sorted(each.relevant)] for each in side] for side in (self.training, self.held_out)
        ]
        text = json.dumps([self.source, spelled, dict(self.gold)], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    query: _Text
    gold_id: _Text


def read_pairs(path: Path, task: Task, *, seed: int) -> PairSet:
    """Return the pairs in a file of JSON lines `{"query", "gold_id"}`; a fifth of its queries is held out.

    Raises `InvalidDataset` naming file and line for a malformed row, a gold example that the
    task does not have, or a query that is one of its evaluation items, and for too few queries.
    """
    wanted: dict[str, set[str]] = {}
    gold = {example.id: task.ask(example.inputs) for example in task.gold}
    items = {task.ask(item.inputs): item.id for item in task.items} | {
        item.id: item.id for item in task.items
    }
    for number, line in enumerate(_content(path).split(b"\n"), start=1):
        if line.strip():
            row = _row(line, f"{path}, line {number}")
            _require_fit(row, gold, items, f"{path}, line {number}")
            wanted.setdefault(row.query, set()).add(row.gold_id)
    if len(wanted) < _FEWEST_QUERIES:
        raise InvalidDataset(
            f"{path} holds {len(wanted)} different queries: write at least {_FEWEST_QUERIES}, a fifth of "
            "which is held out to measure recall on"
        )
    own = _by_text(gold)
    asked = [
        Asked(query=query, relevant=frozenset(ids), own=own.get(query, frozenset()) - ids)
        for query, ids in sorted(wanted.items(), key=lambda entry: _draw(seed, entry[0]))
    ]
    held_out = max(1, round(_HELD_OUT_SHARE * len(asked)))
    return PairSet(
        source=FROM_FILE, training=tuple(asked[held_out:]), held_out=tuple(asked[:held_out]), gold=gold
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidDataset(
            f"{path} could not be read ({error.strerror}): give the path of a JSON lines file of pairs"
        ) from error


def _row(line: bytes, place: str) -> _Row:
    try:
        return msgspec.json.decode(line, type=_Row)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidDataset(
            f'{place} is no pair ({error}): write one JSON object with "query" and "gold_id"'
        ) from error


def _require_fit(row: _Row, gold: Mapping[str, str], items: Mapping[str, str], place: str) -> None:
    item = items.get(row.gold_id) or items.get(row.query)
    if item is not None:
        raise InvalidDataset(
            f"{place} is about {item!r}, which is an evaluation item: take it out, an embedder must not be "
            "trained on what it is judged by"
        )
    if row.gold_id not in gold:
        raise InvalidDataset(
            f"{place}: the task has no gold example {row.gold_id!r}: use an id of its gold.jsonl"
        )


def _by_text(gold: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, text in gold.items():
        found.setdefault(text, set()).add(name)
    return {text: frozenset(names) for text, names in found.items()}


def _draw(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}/{text}".encode("utf-8", "surrogatepass")).hexdigest()


def seeded(seed: int, texts: Iterable[str]) -> list[str]:
    """Return the texts in an order that depends on the seed and on them alone."""
    return sorted(texts, key=lambda text: _draw(seed, text))
