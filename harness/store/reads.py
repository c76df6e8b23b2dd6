"""What a reader said of a gate's replies, beside the gate: one line a reading, a head before them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from harness.domain.reading import Blind, Place, Reading, Reads
from harness.domain.text import speakable
from harness.errors import StoreError
from harness.store.headed import read_headed
from harness.store.lines import append_line, cut_torn_line

READS_VERSION = 1

_LONGEST_NOTE = 2_000
_LONGEST_NAME = 40


class _Head(msgspec.Struct, kw_only=True):
    format_version: int
    gate_id: str
    reviewer: str
    blind: Blind
    rubric: str = ""


class ReadsFile:
    """The reads of one reader, open for adding to; the last reading of an item counts.

    The file is begun with the first reading, since a look around begins nothing.
    """

    def __init__(self, folder: Path, begun: Reads) -> None:
        """Go on from what the reader left in the gate's `folder`, if anything.

        Raises `StoreError` for a file that is damaged, too new, or was begun the other way:
        one item at a time and not in pairs, or the other way about.
        """
        self._path = reads_path(folder, begun.reviewer)
        before = _guarded(self._path, begun.gate_id) if self._path.exists() else None
        if before is not None and before.blind is not begun.blind:
            begun_as = "with --single" if before.blind is Blind.SINGLE else "in pairs"
            raise StoreError(
                f"{before.reviewer} has begun to read this gate {begun_as} ({self._path}): go on that way, "
                "or give --reviewer another name"
            )
        self._reads = begun if before is None else before
        self._is_begun = before is not None
        cut_torn_line(self._path)

    @property
    def reads(self) -> Reads:
        """Everything read so far."""
        return self._reads

    def add(self, reading: Reading) -> None:
        """Keep a reading on the disk; of a note the first 2,000 characters. Raises `OSError`."""
        kept = replace(reading, note=speakable(reading.note.strip())[:_LONGEST_NOTE])
        if not self._is_begun:
            head = {name: getattr(self._reads, name) for name in ("gate_id", "reviewer", "blind", "rubric")}
            append_line(self._path, {"format_version": READS_VERSION, **head})
            self._is_begun = True
        append_line(self._path, asdict(kept))
        self._reads = replace(self._reads, readings=_latest((*self._reads.readings, kept)))


def reads_path(folder: Path, reviewer: str) -> Path:
    """Return where a reader's reads lie in a gate's folder; no name leads out of it, and no two share it."""
    plain = re.sub(r"[^a-z0-9]+", "-", reviewer.lower()).strip("-")[:_LONGEST_NAME]
    digest = hashlib.sha256(reviewer.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return folder / f"reads-{'-'.join(filter(None, (plain, digest)))}.jsonl"


def read_reads(folder: Path, gate_id: str) -> tuple[Reads, ...]:
    """Return what every reader left in a gate's folder, in the order of their names.

    Raises `StoreError` for a file that is damaged, too new, or of another gate.
    """
    found = [_guarded(path, gate_id) for path in sorted(folder.glob("reads-*.jsonl"))]
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.reviewer))


def _guarded(path: Path, gate_id: str) -> Reads | None:
    found = read_headed(path, _Head, Reading, gate_id=gate_id, version=READS_VERSION)
    if found is None:
        return None
    head, readings = found
    return Reads(
        gate_id=gate_id,
        reviewer=head.reviewer,
        blind=head.blind,
        rubric=head.rubric,
        readings=_latest(readings),
    )


def _latest(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Each item once, by its last reading, in the order first read; its seconds are those of all looks."""
    found: dict[Place, Reading] = {}
    for each in readings:
        before = found.get(each.place)
        found[each.place] = each if before is None else replace(each, seconds=before.seconds + each.seconds)
    return tuple(found.values())
