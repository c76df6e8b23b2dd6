"""The charts of a gate's report; each is a picture of a table that stands beside it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reports.drawing import WIDTH_PX, drawn, faceted, scale
from reports.gate.means import Mean, Spent
from reports.gate.places import Place
from reports.gate.questions import Question
from reports.gate.waits import Waits

if TYPE_CHECKING:
    from markupsafe import Markup

_PLACES = 12
_CURVE_POINTS = range(1, 100)


def interval_chart(asked: Sequence[Question], *, ratios: bool) -> "Markup | None":
    """Return the intervals of the measured questions against their margins, None where there are none.

    Waiting times are ratios and scores are points, so each has a chart of its own.
    """
    import altair as alt

    rows = [_interval(each) for each in asked if each.is_ratio is ratios and each.change is not None]
    if not rows:
        return None
    unit = "candidate / baseline" if ratios else "change in points"
    order = [row["question"] for row in rows]
    base = alt.Chart().encode(y=alt.Y("question:N", title=None, sort=order, axis=alt.Axis(labelLimit=340)))
    colour = alt.Color("status:N", scale=scale(sorted({row["status"] for row in rows})))
    low_to_high = base.mark_rule(strokeWidth=4).encode(
        x=alt.X("low:Q", title=unit, scale=alt.Scale(zero=not ratios)), x2="high:Q", color=colour
    )
    same = alt.Chart().encode(x=alt.XDatum(1.0 if ratios else 0.0))
    layers = [
        same.mark_rule(color="var(--ink)"),
        low_to_high,
        base.mark_point(filled=True, size=90, opacity=1).encode(x="change:Q", color=colour),
    ]
    if any(row["margin"] is not None for row in rows):
        tick = base.mark_tick(thickness=3, size=22, color="var(--ink)")
        layers.append(tick.transform_filter("datum.margin != null").encode(x="margin:Q"))
    return drawn(alt.layer(*layers).properties(width=WIDTH_PX, height=alt.Step(34)), rows)


def factorial_chart(found: Sequence[Mean]) -> "Markup | None":
    """Return means by side and arm, None where no arm was asked: lines that part are an interaction."""
    import altair as alt

    rows = [
        {"subject": each.subject, "arm": each.arm, "side": each.side, "mean": each.value}
        | _bounds(each.low, each.high, each.value)
        for each in found
        if each.metric == "target" and not each.part and each.arm
    ]
    if not rows:
        return None
    arms = list(dict.fromkeys(row["arm"] for row in rows))
    sides = [side for side in ("anchor", "baseline", "candidate") if any(row["side"] == side for row in rows)]
    base = alt.Chart().encode(
        x=alt.X("side:N", title=None, sort=sides, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("arm:N", sort=arms),
        y=alt.Y("mean:Q", title="mean score", scale=alt.Scale(domain=[0, 1])),
    )
    layered = alt.layer(
        base.mark_line(color="var(--ink)").encode(strokeDash=alt.StrokeDash("arm:N", sort=arms, title=None)),
        base.mark_rule(strokeWidth=2, color="var(--ink)").encode(y="low:Q", y2="high:Q"),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            color=alt.Color("side:N", scale=scale(sides), legend=None),
            shape=alt.Shape("arm:N", sort=arms, legend=None),
        ),
    ).properties(width=260, height=240)
    return drawn(faceted(layered, alt.Facet("subject:N", title=None)), rows)


def parts_chart(found: Sequence[Mean]) -> "Markup | None":
    """Return the parts of the score on every side, None where scores have no parts."""
    import altair as alt

    rows = [
        {"of": f"{each.subject} x {each.arm}", "part": each.part, "side": each.side, "mean": each.value}
        for each in found
        if each.part and each.metric == "target"
    ]
    if not rows:
        return None
    order = list(dict.fromkeys(row["part"] for row in rows))
    chart = (
        alt.Chart()
        .mark_point(filled=True, size=90, opacity=0.9)
        .encode(
            x=alt.X("mean:Q", title="mean of the part", scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("part:N", title=None, sort=order, axis=alt.Axis(grid=True)),
            color=_sides(rows),
            shape=_shapes(rows),
        )
        .properties(width=240, height=alt.Step(22))
    )
    return drawn(faceted(chart, alt.Facet("of:N", title=None)), rows)


def places_chart(found: Sequence[Place]) -> "Markup | None":
    """Return the commonest places of schema errors by side, None where every reply was valid."""
    import altair as alt

    rows = [
        {
            "of": f"{each.subject} x {each.arm}",
            "place": each.place,
            "side": each.side,
            "replies": each.replies,
        }
        for each in sorted(found, key=lambda each: -each.replies)
    ]
    if not rows:
        return None
    shown = list(dict.fromkeys(row["place"] for row in rows))[:_PLACES]
    rows = [row for row in rows if row["place"] in shown]
    chart = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X("replies:Q", title="replies", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("place:N", title=None, sort=shown),
            yOffset=alt.YOffset("side:N"),
            color=_sides(rows),
        )
        .properties(width=240, height=alt.Step(14))
    )
    return drawn(faceted(chart, alt.Facet("of:N", title=None)), rows)


def waits_chart(found: Sequence[Waits]) -> "Markup | None":
    """Return the share of requests answered within a time, by metric and side, None without times."""
    import altair as alt

    rows = [
        {
            "of": f"{each.subject} x {each.arm}: {each.metric}",
            "side": each.side,
            "seconds": each.quantile(percent),
            "share": percent / 100,
        }
        for each in found
        for percent in _CURVE_POINTS
    ]
    if not rows:
        return None
    chart = (
        alt.Chart()
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("seconds:Q", title="seconds", scale=alt.Scale(zero=False)),
            y=alt.Y("share:Q", title="share answered", axis=alt.Axis(format="%")),
            color=_sides(rows),
            strokeDash=alt.StrokeDash("side:N", title=None, sort=_known_sides(rows)),
        )
        .properties(width=240, height=180)
    )
    return drawn(faceted(chart, alt.Facet("of:N", title=None)).resolve_scale(x="independent"), rows)


def price_chart(found: Sequence[Mean], costs: Sequence[Spent]) -> "Markup | None":
    """Return score against tokens a reply, one point a run: what a higher score takes; None without any."""
    import altair as alt

    tokens = {
        (each.subject, each.arm, each.side): each.prompt_tokens + each.completion_tokens for each in costs
    }
    rows = [
        {
            "subject": each.subject,
            "arm": each.arm,
            "side": each.side,
            "mean": each.value,
            "tokens": tokens[key],
        }
        for each in found
        if each.metric == "target" and not each.part
        for key in [(each.subject, each.arm, each.side)]
        if key in tokens
    ]
    if not rows:
        return None
    base = alt.Chart().encode(
        x=alt.X("tokens:Q", title="tokens a reply, prompt included", axis=alt.Axis(tickCount=4)),
        y=alt.Y("mean:Q", title="mean score", scale=alt.Scale(domain=[0, 1])),
    )
    layered = alt.layer(
        base.mark_point(filled=True, size=90, opacity=1).encode(color=_sides(rows), shape=_shapes(rows)),
        base.mark_text(align="left", dx=8, fontSize=12).encode(text="arm:N"),
    ).properties(width=260, height=200)
    return drawn(faceted(layered, alt.Facet("subject:N", title=None)), rows)


def _interval(asked: Question) -> dict[str, Any]:
    """An infinite bound is drawn as far as the point and the other bound reach."""
    known = [value for value in (asked.low, asked.high, asked.change, asked.margin) if value is not None]
    return {
        "question": asked.name,
        "status": asked.status,
        "change": asked.change,
        "low": min(known) if asked.low is None else asked.low,
        "high": max(known) if asked.high is None else asked.high,
        "margin": asked.margin,
    }


def _bounds(low: float | None, high: float | None, value: float) -> dict[str, float]:
    return {"low": value if low is None else low, "high": value if high is None else high}


def _sides(rows: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401 - Altair's
    import altair as alt

    sides = _known_sides(rows)
    return alt.Color("side:N", title=None, scale=scale(sides), sort=sides)


def _shapes(rows: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401 - Altair's
    """The same domain and title as the colours have, so that one legend tells of both."""
    import altair as alt

    sides = _known_sides(rows)
    return alt.Shape("side:N", title=None, scale=alt.Scale(domain=sides), sort=sides)


def _known_sides(rows: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({row["side"] for row in rows})
