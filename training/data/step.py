"""The end of a step: its file, what it set aside, and its manifest, each whole or not there."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import InvalidDataset, Json
from training.data.manifest import DataFile, DataManifest, manifest_path, write_manifest
from training.data.source import data_file
from training.example import Example
from training.example_rows import as_line, write_examples


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A file beside the output: `removed`, `groups`; and its rows, one JSON object a line."""

    kind: str
    rows: Sequence[Mapping[str, Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step did, before it is left on disk."""

    name: str
    inputs: tuple[DataFile, ...]
    examples: tuple[Example, ...]
    settings: Mapping[str, Any]
    counts: Mapping[str, int]
    asides: tuple[Aside, ...] = field(default=())


def leave(out: Path, step: Step) -> DataManifest:
    """Leave the examples at `out`, what was set aside beside them, and last the manifest.

    Raises `InvalidDataset` when nothing is left to write or `out` is what was read.
    """
    require_apart(out, step.inputs)
    if not step.examples:
        raise InvalidDataset(
            f"{step.name} leaves no example of {sum(each.examples for each in step.inputs)}: "
            f"nothing was written to {out}; loosen its settings or give it other data"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    # An old manifest must not vouch for new examples, whatever happens in between.
    manifest_path(out).unlink(missing_ok=True)
    for aside in step.asides:
        _write_lines(aside_path(out, aside.kind), (json.dumps(row, ensure_ascii=False) for row in aside.rows))
    write_examples(out, step.examples)
    manifest = DataManifest(
        step=step.name,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        inputs=step.inputs,
        output=data_file(str(out), step.examples),
        settings=step.settings,
        counts=step.counts,
    )
    write_manifest(out, manifest)
    return manifest


def require_apart(out: Path, inputs: Iterable[DataFile]) -> None:
    """Raise `InvalidDataset` when `out` is one of the inputs, which are never overwritten."""
    for each in inputs:
        if out.absolute() == Path(each.path).absolute():
            raise InvalidDataset(f"{out} is what is read: give --out another name")


def aside_path(out: Path, kind: str) -> Path:
    """Return where what was set aside lies: train.jsonl has train.removed.jsonl beside it."""
    return out.with_name(f"{out.stem}.{kind}{out.suffix or '.jsonl'}")


def as_row(example: Example) -> dict[str, Json]:
    """Return the example as a plain JSON object."""
    row: dict[str, Json] = json.loads(as_line(example))
    return row


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
