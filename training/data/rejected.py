"""What a step did not keep, and why: left beside what it kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness import Json
from training.data.step import Aside

REJECTED = "rejected"
"""The kind of the file: train.jsonl has train.rejected.jsonl beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One thing that was not kept: the check it failed, the reason in words, and all there was of it."""

    id: str
    check: str
    reason: str
    found: Mapping[str, Json]


def as_aside(rejected: Iterable[Rejected]) -> Aside:
    """Return the rejected as the rows of a file."""
    rows = [{"id": each.id, "check": each.check, "reason": each.reason, **each.found} for each in rejected]
    return Aside(kind=REJECTED, rows=rows)
