"""All nights of a file over time, as the trend takes them: by what each checkpoint is, and no other gates."""

from dataclasses import replace

from harness.domain.nightly import Night, NightPart
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.record import nights_in
from harness.experiments.nightly.run import part_of
from harness.experiments.trend import Selection, trend_record
from reports.nightly.record import NO_HISTORY, NightRecord
from reports.trend.record import TrendRecord

SIDES = {
    NightPart.CHECKPOINT: "candidate",
    NightPart.RELEASE: "baseline",
    NightPart.ANCHOR: "anchor",
}
"""The side under which the trend draws a checkpoint."""


def night_record(nightly: Nightly, night: Night, *, command: str) -> NightRecord:
    """Return a night with the points and the flaky items of all nights of its file.

    Raises `WarehouseError` for a DuckDB file that cannot be read.
    """
    return NightRecord(night=night, command=command, history=_history(nightly, night))


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
    points = []
    for point in found.points:
        if point.gate_id not in gates:
            continue
        side = SIDES[part_of(point.checkpoint, nightly)]
        if several and side == "candidate":
            point = replace(point, subject=f"{point.checkpoint} on {point.subject}")
        points.append(replace(point, side=side))
    return replace(found, points=tuple(points))
