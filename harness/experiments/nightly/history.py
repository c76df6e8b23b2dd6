"""All nights of a file over time, as the trend takes them: by what each checkpoint is, and no other gates."""

from dataclasses import replace

from harness.domain.nightly import Night, NightPart
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.record import nights_in
from harness.experiments.nightly.run import part_of
from harness.experiments.trend import Selection, trend_record
from reports.nightly.record import NO_HISTORY, NightRecord
from reports.trend.record import Point, TrendRecord

SIDES = {
    NightPart.CHECKPOINT: "candidate",
    NightPart.RELEASE: "baseline",
    NightPart.ANCHOR: "anchor",
}
"""The side under which the trend draws a checkpoint."""


def night_record(nightly: Nightly, night: Night, *, command: str) -> NightRecord:
    """Return a night with the points and the flaky items of all nights of its file, once it is finished.

    Raises `WarehouseError` for a DuckDB file that cannot be read.
    """
    history = _history(nightly, night) if night.is_finished else NO_HISTORY
    return NightRecord(night=night, command=command, history=history)


def _history(nightly: Nightly, night: Night) -> TrendRecord:
    database = nightly.places.database
    if not database.is_file():
        return NO_HISTORY
    subjects = tuple(dict.fromkeys(asked.subject for asked in nightly.asked))
    selection = Selection(tasks=subjects, suites=nightly.suites, checkpoints=nightly.table.members)
    found = trend_record(database, selection)
    nights = (*nights_in(nightly.shelf), night)
    gates = frozenset[str]().union(*(each.gate_ids for each in nights))
    several = len(nightly.table.checkpoints) > 1
    points = tuple(
        _point(point, nightly, several=several) for point in found.points if point.gate_id in gates
    )
    return replace(found, points=points)


def _point(point: Point, nightly: Nightly, *, several: bool) -> Point:
    """A point on the side of its checkpoint; of several checkpoints each has lines of its own."""
    part = part_of(point.checkpoint, nightly)
    named = several and part is NightPart.CHECKPOINT
    subject = f"{point.checkpoint} on {point.subject}" if named else point.subject
    return replace(point, side=SIDES[part], subject=subject)
