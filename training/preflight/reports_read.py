"""Audit and review files, read for the little that pre-flight asks of them.

Both are written by other steps and may grow; only what is asked must be there, and what is
not there is told as unknown.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import InvalidDataset
from training.preflight.facts import AuditSeen, ReviewSeen

_DIGEST_KEYS = ("data_digest", "digest")
_NESTS = ("sampling", "data", "output", "input", "inputs", "file")
_FORBIDDING = frozenset({"error", "fatal", "blocking", "forbids", "high", "critical"})


def read_audit(path: Path) -> AuditSeen:
    """Return what the audit at `path` tells; raises `InvalidDataset` where it is no audit."""
    document = _document(path, "weighbridge data audit")
    if document.get("step", "audit") != "audit":
        raise InvalidDataset(
            f"{path} is of step {document['step']!r}: give what weighbridge data audit wrote"
        )
    found = document.get("findings")
    findings = list(found.values()) if isinstance(found, dict) else found
    known = findings if isinstance(findings, list) else None
    return AuditSeen(
        data_digest=_digest(document),
        findings=None if known is None else len(known),
        forbidding=sum(map(_forbids, known or ())),
        read_by=_text(document.get("read_by")),
    )


def read_review(path: Path) -> ReviewSeen:
    """Return what the review at `path` tells; raises `InvalidDataset` where it is no review.

    Where single marks are listed they are counted, whatever share is written beside them.
    """
    document = _document(path, "weighbridge data review")
    marks = document.get("marks")
    listed = marks if isinstance(marks, list) else None
    return ReviewSeen(
        data_digest=_digest(document),
        read=_count(document.get("read")) if listed is None else len(listed),
        accepted_share=_share(document.get("accepted_share")) if listed is None else _accepted(listed),
        reviewer=_text(document.get("reviewer")),
    )


def _document(path: Path, verb: str) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise InvalidDataset(f"{path} could not be read ({error.strerror}): write it with {verb}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidDataset(f"{path} is not JSON ({error}): write it with {verb}") from error
    if not isinstance(document, dict):
        raise InvalidDataset(f"{path} holds no JSON object: write it with {verb}")
    return document


def _digest(document: Mapping[str, Any]) -> str | None:
    """The digest of the examples, at the top or one level below."""
    for place in (document, *_nested(document)):
        for key in _DIGEST_KEYS:
            if isinstance(place.get(key), str) and place[key]:
                return str(place[key])
    return None


def _nested(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in _NESTS:
        below = document.get(name)
        first = below[0] if isinstance(below, list) and len(below) == 1 else below
        if isinstance(first, dict):
            yield first


def _forbids(finding: object) -> bool:
    if not isinstance(finding, dict):
        return False
    said = finding.get("severity", finding.get("level"))
    return finding.get("forbids") is True or (isinstance(said, str) and said.lower() in _FORBIDDING)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _accepted(marks: Sequence[object]) -> float | None:
    accepted = sum(isinstance(mark, dict) and mark.get("accepted") is True for mark in marks)
    return accepted / len(marks) if marks else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _share(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0.0 <= value <= 1.0 else None  # type: ignore[operator,arg-type]
