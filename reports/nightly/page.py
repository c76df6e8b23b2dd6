"""A night as one self-contained page: verdict first, then the table, the anchor, and what is missing."""

from collections.abc import Mapping, Sequence

from harness import Against, NightChange, NightPart, NightRow, Suite
from reports.gate.charts import interval_chart
from reports.gate.questions import Question
from reports.nightly.lines import against_of, lines_beside, lines_of, reading_words
from reports.nightly.record import NightRecord
from reports.page import write_page
from reports.plain_text import harmless
from reports.trend.charts import MOST, trend_charts
from reports.trend.page import change_rows, flaky_row
from reports.trend.series import series


def night_page(record: NightRecord) -> str:
    """Return the page; it asks the network for nothing, and shows what came from outside as text."""
    night = record.night
    lines = lines_of(night, NightPart.CHECKPOINT)
    beside = lines_beside(night)
    history = series(record.history.points)
    return write_page(
        "nightly.html.j2",
        {
            **_head(record),
            "notices": [(harmless(each.about, longest=100), harmless(each.text)) for each in night.notices],
            "has_moved": bool(night.moved),
            "readings": [(each.moved, reading_words(each)) for each in night.readings],
            "answers": [
                (harmless(each.checkpoint, longest=100), str(each.status), harmless(each.reason))
                for each in night.answers
            ],
            "chart": interval_chart(_questions(night.rows), ratios=False) if night.is_finished else None,
            "lines": lines,
            "beside": beside,
            "compared": against_of(lines),
            "compared_headings": [f"against the {each}" for each in against_of(lines)],
            "beside_compared": against_of(beside),
            "beside_headings": [f"against the {each}" for each in against_of(beside)],
            "holes": [
                (
                    harmless(hole.checkpoint, longest=100),
                    harmless(f"{hole.subject}{f' x {hole.arm}' if hole.arm else ''}", longest=200),
                    harmless(hole.reason),
                )
                for hole in night.holes
            ],
            "history": trend_charts(history),
            "left_out": max(0, len({line.name for line in history}) - MOST),
            "changes": change_rows(history),
            "flaky": [flaky_row(item) for item in record.history.flaky],
            "flaky_total": record.history.flaky_total,
            "gates": _gates(night.rows),
        },
    )


def _head(record: NightRecord) -> Mapping[str, object]:
    night = record.night
    return {
        "status": record.status,
        "sentence": harmless(night.reason),
        "name": harmless(night.name, longest=100),
        "night_id": harmless(night.night_id, longest=100),
        "begun": harmless(night.begun_at, longest=100),
        "finished": harmless(night.finished_at, longest=100),
        "owner": harmless(night.owner, longest=200),
        "due": harmless(night.due, longest=100),
        "release": harmless(night.release, longest=200),
        "anchor": harmless(night.anchor, longest=200),
        "command": harmless(record.command),
        "file": harmless(night.file),
        "file_digest": night.file_digest[:12],
    }


def _questions(rows: Sequence[NightRow]) -> Sequence[Question]:
    """The comparisons with the release, as the chart of a gate takes them.

    A checkpoint that is the only one is not named, because long labels are cut.
    """
    mine = [row for row in rows if row.part is NightPart.CHECKPOINT]
    is_one_of_many = len({row.checkpoint for row in mine}) > 1
    return [
        _question(row, change, of=f"{row.checkpoint}: " if is_one_of_many else "")
        for row in mine
        for change in row.changes
        if change.against is Against.RELEASE and change.delta is not None
    ]


def _question(row: NightRow, change: NightChange, *, of: str) -> Question:
    low, high = change.interval or (None, None)
    arm = f" x {row.arm}" if row.arm else ""
    return Question(
        name=harmless(f"{of}{row.suite} on {row.subject}{arm}", longest=120),
        suite=Suite(row.suite),
        status=str(change.status),
        reason=change.reason,
        role="gate" if change.gates else "report",
        waived="",
        n=row.items,
        planned=row.items,
        baseline=None,
        candidate=row.mean,
        change=None if change.delta is None else 100 * change.delta,
        low=None if low is None else 100 * low,
        high=None if high is None else 100 * high,
        margin=None,
    )


def _gates(rows: Sequence[NightRow]) -> Sequence[Mapping[str, str]]:
    """Every run once, with the folder that its journals lie in."""
    found = {(row.gate, row.run_id): row for row in rows}
    return [
        {
            "checkpoint": harmless(row.checkpoint, longest=100),
            "digest": row.digest[:16],
            "run": harmless(row.run_id, longest=200),
            "measured": harmless(row.measured_at, longest=100),
            "gate": harmless(row.gate, longest=300),
        }
        for row in found.values()
    ]
