"""Reads all runs of a results folder back over time, as the trend page takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.domain.suite import Suite
from harness.experiments.trend_slices import Slices, slice_points
from harness.gating.questions import METRIC
from harness.store.parquet import write_parquet
from harness.store.warehouse import query
from reports.trend.record import FlakyItem, Point, TrendRecord, Usage

_FLAKY = 100

_POINTS = """
SELECT epoch(created_at) AS at_s, gate_id, subject, subject_digest, arm, side, checkpoint, metric, items,
    mean, lower, upper
FROM run_metrics WHERE complete AND part = '' AND {where} ORDER BY created_at, gate_id, run_id
"""
_USAGE = """
SELECT subject, arm, side, count(*) AS runs, sum(items)::BIGINT AS replies, sum(failures)::BIGINT AS failures,
    sum(prompt_tokens)::BIGINT AS prompt_tokens, sum(completion_tokens)::BIGINT AS completion_tokens,
    median(ttft_s_p50) AS ttft_s_p50, median(ttft_s_p95) AS ttft_s_p95,
    median(e2e_s_p50) AS e2e_s_p50, median(e2e_s_p95) AS e2e_s_p95
FROM run_usage WHERE complete AND {where} GROUP BY subject, arm, side ORDER BY subject, arm, side
"""
_FLAKY_ITEMS = """
SELECT subject, arm, checkpoint, item_id, metric, runs, lowest, highest, mean, count(*) OVER () AS total
FROM flaky_items WHERE {where}
ORDER BY highest - lowest DESC, abs(mean - (lowest + highest) / 2), item_id LIMIT {limit}
"""
_GATES = """
SELECT count(*) FILTER (complete) AS finished, count(*) FILTER (NOT complete) AS unfinished FROM gates
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which runs are looked at; no names mean all of them.

    `checkpoints` are labels as they were typed.  With `slices`, of one task, only its items that
    carry a tag count, and what replies took is left out, since that is known of whole runs.
    """

    tasks: Sequence[str] = ()
    suites: Sequence[Suite] = ()
    arms: Sequence[str] = ()
    checkpoints: Sequence[str] = ()
    slices: Slices | None = None

    @property
    def metrics(self) -> Sequence[str]:
        """The metrics of the suites; waiting times are no scores and have none."""
        return [METRIC[suite] for suite in self.suites if suite in METRIC]

    def __str__(self) -> str:
        """What is looked at, in words."""
        tags = () if self.slices is None else self.slices.tags
        named = (*self.tasks, *tags, *map(str, self.suites), *self.arms, *self.checkpoints)
        return ", ".join(named) or "all tasks"


def trend_record(database: Path, selection: Selection) -> TrendRecord:
    """Return what the DuckDB file tells of the selected runs over time; raises as `query` does."""
    flaky = _flaky(database, selection)
    (gates,) = query(database, _GATES).named()
    return TrendRecord(
        points=_points(database, selection),
        usage=() if selection.slices else _usage(database, selection),
        flaky=tuple(FlakyItem(**{k: v for k, v in row.items() if k != "total"}) for row in flaky),
        flaky_total=flaky[0]["total"] if flaky else 0,
        gates=gates["finished"],
        unfinished=gates["unfinished"],
    )


def write_trend(database: Path, selection: Selection, path: Path) -> int:
    """Leave the selected rows of `run_metrics` at `path` as Parquet; return how many there are."""
    where, values = _where(selection, with_metric=True)
    return write_parquet(database, f"SELECT * FROM run_metrics WHERE {where}", values, path)  # noqa: S608 - our own words


def _points(database: Path, selection: Selection) -> tuple[Point, ...]:
    where, values = _where(selection, with_metric=True)
    if selection.slices is not None:
        return slice_points(database, selection.slices, where, values)
    return tuple(Point(**row) for row in query(database, _POINTS.format(where=where), values).named())


def _flaky(database: Path, selection: Selection) -> Sequence[Mapping[str, Any]]:
    where, values = _where(selection, with_metric=True)
    if selection.slices is not None:
        within, items = selection.slices.condition()
        where, values = f"{where} AND {within}", [*values, *items]
    return query(database, _FLAKY_ITEMS.format(where=where, limit=_FLAKY), values).named()


def _usage(database: Path, selection: Selection) -> tuple[Usage, ...]:
    where, values = _where(selection, with_metric=False)
    return tuple(Usage(**row) for row in query(database, _USAGE.format(where=where), values).named())


def _where(selection: Selection, *, with_metric: bool) -> tuple[str, list[object]]:
    """Return a condition with a `?` for each list of names, and the lists."""
    wanted: dict[str, Sequence[str]] = {
        "subject": selection.tasks,
        "arm": selection.arms,
        "checkpoint": selection.checkpoints,
    }
    if with_metric and selection.suites:
        wanted["metric"] = selection.metrics or [""]
    named = {column: list(names) for column, names in wanted.items() if names}
    condition = " AND ".join(f"{column} IN (SELECT unnest(?::VARCHAR[]))" for column in named)
    return condition or "true", list(named.values())
