"""What a step did not keep, and why: left beside what it kept."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One thing that was not kept: the check it failed, the reason in words, and all there was of it."""

    id: str
    check: str
    reason: str
    found: Mapping[str, Json]


def rejected_path(output: Path) -> Path:
    """Return where the rejected lie: train.jsonl has train.rejected.jsonl beside it."""
    return output.with_name(f"{output.stem}.rejected{output.suffix or '.jsonl'}")


def write_rejected(output: Path, rejected: Iterable[Rejected]) -> None:
    """Leave the rejected beside `output`, one JSON object a line, whole or not at all."""
    path = rejected_path(output)
    draft = path.with_name(f".{path.name}.draft")
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"id": each.id, "check": each.check, "reason": each.reason, **each.found} for each in rejected]
    try:
        draft.write_text(
            "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8"
        )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
