"""One chart of all series: means over time, their intervals as bands, their steps as upright lines."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reports.drawing import drawn, faceted, scale
from reports.trend.series import Series

if TYPE_CHECKING:
    from markupsafe import Markup

MOST = 16
"""Charts on a page; the tables and the Parquet file have all."""
_DOTTED = 60
"""Points up to which each is marked."""
_SIDES = ("anchor", "baseline", "candidate")


def trend_charts(lines: Sequence[Series]) -> "Markup | None":
    """Return the first charts, a facet a metric of a subject under an arm, None for no series."""
    import altair as alt

    names = list(dict.fromkeys(each.name for each in lines))[:MOST]
    shown = [each for each in lines if each.name in names]
    if not shown:
        return None
    rows = [row for each in shown for row in _rows(each)]
    sides = [side for side in _SIDES if any(each.side == side for each in shown)]
    colour = alt.Color("side:N", title=None, scale=scale(sides), sort=sides)
    base = alt.Chart().encode(x=alt.X("at:T", title=None, axis=alt.Axis(tickCount=4)))
    means = base.transform_filter("isValid(datum.mean)").encode(
        y=alt.Y("mean:Q", title="mean", scale=alt.Scale(zero=False)), color=colour
    )
    layers = [
        base.transform_filter("isValid(datum.low)")
        .mark_area(opacity=0.2)
        .encode(y=alt.Y("low:Q", title="mean"), y2="high:Q", color=colour),
        means.mark_line(strokeWidth=1.5, point=max(len(each.points) for each in shown) <= _DOTTED),
        base.transform_filter("datum.change")
        .mark_rule(strokeDash=[4, 3], strokeWidth=1.5)
        .encode(color=colour),
    ]
    pictures = alt.layer(*layers).properties(width=420, height=160)
    by = alt.Facet("of:N", title=None, sort=names)
    return drawn(faceted(pictures, by).resolve_scale(y="independent"), rows)


def _rows(line: Series) -> list[dict[str, Any]]:
    changed = {(change.point.at_s, change.point.gate_id) for change in line.changes}
    return [
        {
            "of": line.name,
            "side": line.side,
            "at": datetime.fromtimestamp(point.at_s, UTC).isoformat(),
            "mean": point.mean,
            "low": point.lower,
            "high": point.upper,
            "change": (point.at_s, point.gate_id) in changed,
        }
        for point in line.points
    ]
