"""What a judge said of a gate's replies, beside the gate: one line an item, a head before them."""

from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from harness.domain.judgement import Judgement, Judgements
from harness.errors import StoreError
from harness.store.headed import read_headed
from harness.store.lines import append_line, cut_torn_line

_VERSION = 1
_NAME = "judgements.jsonl"


class _Head(msgspec.Struct, kw_only=True):
    format_version: int
    gate_id: str
    judge: str
    rubric: str


class JudgementFile:
    """The judgements of one judge by one rubric, open for adding to; a gate has one judge."""

    def __init__(self, folder: Path, begun: Judgements) -> None:
        """Go on from what was left in the gate's `folder`, if anything.

        Raises `StoreError` for a file that is damaged, too new, or by another judge or rubric.
        """
        self._path = folder / _NAME
        before = read_judgements(folder, begun.gate_id)
        if before is not None and (before.judge, before.rubric) != (begun.judge, begun.rubric):
            raise StoreError(
                f"{self._path} holds what {before.judge} said by rubric {before.rubric[:12]}, and this is "
                f"{begun.judge} by {begun.rubric[:12]}: judge as before, or remove that file to judge anew"
            )
        cut_torn_line(self._path)
        self._judgements = before or begun
        if before is None:
            head = {"gate_id": begun.gate_id, "judge": begun.judge, "rubric": begun.rubric}
            append_line(self._path, {"format_version": _VERSION, **head})

    @property
    def judgements(self) -> Judgements:
        """Everything said so far."""
        return self._judgements

    def add(self, judgement: Judgement) -> None:
        """Keep what was said of an item on the disk; raises `OSError`."""
        append_line(self._path, asdict(judgement))
        said = (*self._judgements.judgements, judgement)
        self._judgements = replace(self._judgements, judgements=said)


def read_judgements(folder: Path, gate_id: str) -> Judgements | None:
    """Return what a judge left in a gate's folder, None where none did; of an item the first word counts.

    Raises `StoreError` for a file that is damaged, too new, or about another gate, and for scores
    that are none.
    """
    path = folder / _NAME
    found = read_headed(path, _Head, Judgement, gate_id=gate_id, version=_VERSION)
    if found is None:
        return None
    head, rows = found
    if any(not 0.0 <= score <= 1.0 for row in rows for score in (row.candidate, row.baseline)):
        raise StoreError(f"{path} holds a score outside [0, 1]: remove it to judge anew")
    first = {row.place: row for row in reversed(rows)}
    said = tuple(first[place] for place in dict.fromkeys(row.place for row in rows))
    return Judgements(gate_id=gate_id, judge=head.judge, rubric=head.rubric, judgements=said)
