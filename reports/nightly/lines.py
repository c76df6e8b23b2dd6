"""The rows of a night as texts: figures with their intervals, one text a cell of the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness import Against, AnchorReading, Night, NightChange, NightPart, NightRow
from reports.plain_text import harmless

_LONGEST = 120
_UNKNOWN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One comparison as texts: the change in points with its interval, the verdict, and why."""

    against: str
    change: str
    status: str
    reason: str
    gates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the night as texts; `told` has the comparisons by whom they are with."""

    part: str
    checkpoint: str
    subject: str
    arm: str
    suite: str
    mean: str
    interval: str
    items: str
    measured: str
    told: Mapping[str, Told]

    @property
    def name(self) -> str:
        """Which question the row answers."""
        return f"{self.suite} on {self.subject}{f' x {self.arm}' if self.arm else ''}"


def lines_of(night: Night, part: NightPart | None = None) -> tuple[Line, ...]:
    """Return the rows of a night in order, those of one part alone where it is given."""
    return tuple(_line(row) for row in night.rows if part in (None, row.part))


def lines_beside(night: Night) -> tuple[Line, ...]:
    """Return the rows of the release and the anchor."""
    return tuple(_line(row) for row in night.rows if row.part is not NightPart.CHECKPOINT)


def against_of(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return with whom any of the lines is compared, in the order of the columns."""
    return tuple(str(each) for each in Against if any(each in line.told for line in lines))


def reading_words(reading: AnchorReading) -> str:
    """Return what the anchor's score did on one question, in one sentence."""
    arm = f" x {reading.arm}" if reading.arm else ""
    did = "moved" if reading.moved else "is not shown to have moved"
    between = "" if reading.interval is None else f" ({_points_between(reading.interval)})"
    return harmless(
        f"{reading.suite} on {reading.subject}{arm} {did}: {reading.now:.3f} against {reading.then:.3f} on "
        f"{reading.since[:10]}, {100 * (reading.now - reading.then):+.1f} points{between}; {reading.changed} "
        f"of {reading.items} items score otherwise"
    )


def _line(row: NightRow) -> Line:
    return Line(
        part=str(row.part),
        checkpoint=harmless(row.checkpoint, longest=_LONGEST),
        subject=harmless(row.subject, longest=_LONGEST),
        arm=harmless(row.arm, longest=_LONGEST),
        suite=str(row.suite),
        mean=f"{row.mean:.3f}",
        interval=_UNKNOWN if row.interval is None else f"{row.interval[0]:.3f} to {row.interval[1]:.3f}",
        items=str(row.items),
        measured="tonight" if row.is_new else row.measured_at[:10],
        told={str(change.against): _told(change) for change in row.changes},
    )


def _told(change: NightChange) -> Told:
    measured = change.delta is not None and change.interval is not None
    between = f" ({_points_between(change.interval)})" if change.interval is not None else ""
    return Told(
        against=str(change.against),
        change=f"{100 * (change.delta or 0.0):+.1f}{between}" if measured else _UNKNOWN,
        status=str(change.status),
        reason=harmless(change.reason),
        gates=change.gates,
    )


def _points_between(interval: tuple[float, float]) -> str:
    return f"{100 * interval[0]:+.1f} to {100 * interval[1]:+.1f}"
