"""What of a gate somebody has to look at, and on which line: questions not passed, and items lost."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from harness import RunKind, Verdict
from reports.gate.pairs import paired_runs, worst
from reports.gate.questions import Question, questions
from reports.gate.record import GateRecord
from reports.plain_text import harmless

GATE = "gate"
ITEM_LOST = "item-lost"
_ITEMS = 5
_ERRORS = ("REGRESSED", "INVALID")
_PASSED = "PASSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to look at.

    `rule` is a suite's name, `gate` or `item-lost`; `level` is error for what blocks, warning
    for what is open, and note for the rest.  `path` and `line`, from 1, say where; `path` has
    forward slashes.  `fingerprint` is a hex sha256 that stays the same from gate to gate.
    """

    rule: str
    level: str
    message: str
    path: str
    line: int
    fingerprint: str


def findings(record: GateRecord) -> tuple[Finding, ...]:
    """Return the findings of a gate, those that block first; none where all is well.

    A gate without an answer, or with one that its journals belie, is itself a finding, so that it
    never looks well.
    """
    found = (*_of_gate(record), *_of_questions(record), *_of_items(record))
    order = ("error", "warning", "note")
    return tuple(sorted(found, key=lambda each: order.index(each.level)))


def _of_gate(record: GateRecord) -> Iterator[Finding]:
    if questions(record) and record.replayed is not False:
        return
    yield Finding(
        rule=GATE,
        level="error",
        message=f"{record.status}: {harmless(record.sentence)}",
        path=_file(record.folder, "manifest.json"),
        line=1,
        fingerprint=_fingerprint(GATE, record.status),
    )


def _of_questions(record: GateRecord) -> Iterator[Finding]:
    verdicts: Sequence[Verdict] = record.verdict.verdicts if record.verdict is not None else ()
    digests = {(run.subject, run.kind): run.subject_digest for run in record.manifest.runs}
    for verdict, asked in zip(verdicts, questions(record), strict=True):
        if asked.status == _PASSED:
            continue
        home = record.homes.get(digests.get((verdict.subject, RunKind.TASK), ""))
        yield Finding(
            rule=str(verdict.suite),
            level=_level(asked, record),
            message=f"{asked.name}: {asked.status}. {asked.reason}",
            path=_file(record.folder, "verdict.json") if home is None else _file(home.folder, "task.py"),
            line=1,
            fingerprint=_fingerprint(asked.suite, asked.name),
        )


def _of_items(record: GateRecord) -> Iterator[Finding]:
    """Yield the items lost that their task's folder has a line for, worst first, each once."""
    seen: set[tuple[str, str]] = set()
    pairs = paired_runs(record)
    for runs, item in worst(pairs, sum(len(runs.items) for runs in pairs)):
        home = record.homes.get(runs.candidate.subject_digest)
        line = None if home is None else home.lines.get(item.item_id)
        place = (runs.candidate.subject_digest, item.item_id)
        if item.change >= 0 or home is None or line is None or place in seen:
            continue
        seen.add(place)
        yield Finding(
            rule=ITEM_LOST,
            level="note",
            message=f"{harmless(item.item_id, longest=200)} of {harmless(runs.name, longest=200)} lost "
            f"{-100 * item.change:.1f} points",
            path=_file(home.folder, "items.jsonl"),
            line=line,
            fingerprint=_fingerprint(ITEM_LOST, runs.name, item.item_id),
        )
        if len(seen) == _ITEMS:
            return


def _level(asked: Question, record: GateRecord) -> str:
    if asked.role != "gate" or asked.waived:
        return "note"
    if asked.status in _ERRORS:
        return "error"
    return "note" if record.manifest.policy.accept_inconclusive else "warning"


def _file(folder: str, name: str) -> str:
    return harmless((PurePath(folder) / name).as_posix(), longest=500)


def _fingerprint(*names: str) -> str:
    spelled = "\0".join(names).encode("utf-8", "surrogatepass")
    return hashlib.sha256(spelled).hexdigest()
