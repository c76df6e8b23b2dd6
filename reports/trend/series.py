"""Points in lines: one metric of one subject under one arm on one side, oldest first, with its changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.plain_text import harmless
from reports.trend.changes import change_points
from reports.trend.record import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A lasting step of a series: the first point after it, and the mean levels around it."""

    point: Point
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The points of one metric over time and the steps among them; never empty.

    Points on other content of the same task make a series of their own: their numbers are not
    comparable.
    """

    subject: str
    content: str
    arm: str
    side: str
    metric: str
    points: tuple[Point, ...]
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """What the series is of, without its side."""
        arm = f" x {self.arm}" if self.arm else ""
        return f"{self.subject}{self.content}{arm}: {self.metric}"

    @property
    def latest(self) -> Point:
        """The newest point."""
        return self.points[-1]


def series(points: Sequence[Point]) -> tuple[Series, ...]:
    """Return the lines that the points make, in the order of their names, candidates last."""
    lines: dict[tuple[str, ...], list[Point]] = {}
    contents: dict[str, set[str]] = {}
    for point in sorted(points, key=lambda each: (each.at_s, each.gate_id)):
        key = (point.subject, point.subject_digest, point.arm, point.metric, point.side)
        lines.setdefault(key, []).append(point)
        contents.setdefault(point.subject, set()).add(point.subject_digest)
    return tuple(
        _series(found, is_one_of_many=len(contents[key[0]]) > 1) for key, found in sorted(lines.items())
    )


def _series(points: Sequence[Point], *, is_one_of_many: bool) -> Series:
    first = points[0]
    return Series(
        subject=harmless(first.subject, longest=100),
        content=f" ({first.subject_digest[:8]})" if is_one_of_many else "",
        arm=first.arm,
        side=first.side,
        metric=harmless(first.metric, longest=100),
        points=tuple(points),
        changes=_changes(points),
    )


def _changes(points: Sequence[Point]) -> tuple[Change, ...]:
    means = [point.mean for point in points]
    places = change_points(means, step=1 / max(point.items for point in points))
    edges = [0, *places, len(points)]
    return tuple(
        Change(point=points[at], before=_mean(means[start:at]), after=_mean(means[at:end]))
        for start, at, end in zip(edges, edges[1:], edges[2:], strict=False)
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
