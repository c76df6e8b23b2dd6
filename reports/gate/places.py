"""Where replies break their schema first, counted by place, side and arm."""

import re
from collections import Counter
from dataclasses import dataclass

from harness import RunKind
from reports.gate.record import GateRecord
from reports.plain_text import harmless

_PLACE = re.compile(r"at (the top|[^:]{1,120}): ")
_NUMBERED = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How many replies of a run have their first error at one place of the schema."""

    subject: str
    arm: str
    side: str
    place: str
    replies: int


def schema_places(record: GateRecord) -> tuple[Place, ...]:
    """Return the places of first errors, the commonest of each run first; none where all are valid."""
    return tuple(
        Place(
            subject=harmless(run.subject, longest=100),
            arm=str(run.candidate.arm),
            side=str(run.side),
            place=place,
            replies=count,
        )
        for run in record.manifest.runs
        if run.kind is RunKind.TASK
        for place, count in Counter(
            place_named(result.scores["schema"].note)
            for result in record.results.get(run.id, ())
            if "schema" in result.scores and result.scores["schema"].value < 1
        ).most_common()
    )


def place_named(note: str) -> str:
    """Return the place that the note of an invalid reply names, array positions left open."""
    found = _PLACE.match(note)
    if found is not None:
        return harmless(_NUMBERED.sub("/*", found[1]), longest=120)
    if note.startswith("not JSON"):
        return "not JSON"
    return "unread" if note else "no reply"
