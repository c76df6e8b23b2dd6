"""All gates over time as one page that can be mailed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from reports.page import write_page
from reports.plain_text import harmless
from reports.trend.charts import MOST, trend_charts
from reports.trend.record import FlakyItem, Point, TrendRecord, Usage
from reports.trend.series import Series, series

_NEWEST = 200
"""Runs in the page's table; the Parquet file has all."""


def trend_page(record: TrendRecord, *, about: str) -> str:
    """Return the page; `about` says what it is a selection of.  It asks the network for nothing."""
    lines = series(record.points)
    names = list(dict.fromkeys(line.name for line in lines))
    return write_page(
        "trend.html.j2",
        {
            "about": harmless(about),
            "sentence": _sentence(record, lines),
            "chart": trend_charts(lines),
            "left_out": max(0, len(names) - MOST),
            "series": [series_row(line) for line in lines],
            "changes": change_rows(lines),
            "flaky": [flaky_row(item) for item in record.flaky],
            "flaky_total": record.flaky_total,
            "usage": record.usage and [_usage(each) for each in record.usage],
            "points": [_point(point) for point in reversed(record.points[-_NEWEST:])],
            "all_points": len(record.points),
        },
    )


def series_row(line: Series) -> Mapping[str, object]:
    """Return what a table says of a series: its newest mean, and when it last stepped."""
    latest, last = line.latest, line.changes[-1] if line.changes else None
    return {
        "of": line.name,
        "side": line.side,
        "runs": len(line.points),
        "newest": day(latest),
        "checkpoint": harmless(latest.checkpoint, longest=100),
        "mean": round(latest.mean, 4),
        "low": None if latest.lower is None else round(latest.lower, 4),
        "high": None if latest.upper is None else round(latest.upper, 4),
        "last step": ""
        if last is None
        else f"{day(last.point)}: {100 * (last.after - last.before):+.1f} points",
    }


def change_rows(lines: Sequence[Series]) -> Sequence[Mapping[str, object]]:
    """Return every step of every series, the newest first."""
    found = [(line, change) for line in lines for change in line.changes]
    return [
        {
            "day": day(change.point),
            "of": line.name,
            "side": line.side,
            "before": change.before,
            "after": change.after,
            "points": 100 * (change.after - change.before),
            "checkpoint": harmless(change.point.checkpoint, longest=100),
            "gate": harmless(change.point.gate_id, longest=100),
        }
        for line, change in sorted(found, key=lambda each: each[1].point.at_s, reverse=True)
    ]


def day(point: Point) -> str:
    """Return the day of a point in UTC."""
    return datetime.fromtimestamp(point.at_s, UTC).strftime("%Y-%m-%d")


def _sentence(record: TrendRecord, lines: Sequence[Series]) -> str:
    steps = sum(len(line.changes) for line in lines)
    open_ones = f"; {record.unfinished} gates are unfinished and left out" if record.unfinished else ""
    return (
        f"{len(lines)} series over {record.gates} gates have {steps} lasting steps, and "
        f"{record.flaky_total} items flicker{open_ones}"
    )


def flaky_row(item: FlakyItem) -> Mapping[str, object]:
    """Return what a table says of an item that flickers."""
    return {
        "item": harmless(item.item_id, longest=100),
        "of": harmless(f"{item.subject} x {item.arm}: {item.metric}", longest=200),
        "checkpoint": harmless(item.checkpoint, longest=100),
        "runs": item.runs,
        "lowest": item.lowest,
        "highest": item.highest,
        "mean": item.mean,
    }


def _usage(each: Usage) -> Mapping[str, object]:
    return {
        "of": harmless(f"{each.subject} x {each.arm}", longest=200),
        "side": each.side,
        "runs": each.runs,
        "replies": each.replies,
        "failed": each.failures / each.replies if each.replies else 0.0,
        "asked": each.prompt_tokens / each.replies if each.replies else 0.0,
        "answered": each.completion_tokens / each.replies if each.replies else 0.0,
        "waits": (each.ttft_s_p50, each.ttft_s_p95, each.e2e_s_p50, each.e2e_s_p95),
    }


def _point(point: Point) -> Mapping[str, object]:
    return {
        "day": day(point),
        "of": harmless(f"{point.subject} x {point.arm}: {point.metric}", longest=200),
        "side": point.side,
        "checkpoint": harmless(point.checkpoint, longest=100),
        "items": point.items,
        "mean": point.mean,
        "low": point.lower,
        "high": point.upper,
    }
