"""Means over time of the items of one task that carry a tag, as the trend shows them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.domain.task import Task
from harness.engine.schedule import REPEAT_MARK
from harness.errors import UsageError
from harness.store.warehouse import query
from reports.gate.slices import FEWEST
from reports.trend.record import Point

_POINTS = """
WITH sources AS (
    SELECT gate_id, run_id, created_at, subject_digest, arm, side, checkpoint, metric, cluster,
        count(*) AS items, sum(value) AS total
    FROM item_scores
    WHERE complete AND part = '' AND {where}
    GROUP BY ALL
), centred AS (
    SELECT *, sum(total) OVER run / sum(items) OVER run AS mean FROM sources
    WINDOW run AS (PARTITION BY gate_id, run_id, metric)
), by_run AS (
    SELECT gate_id, run_id, created_at, subject_digest, arm, side, checkpoint, metric,
        sum(items)::INTEGER AS items, any_value(mean) AS mean,
        CASE WHEN count(*) > 1
            THEN sqrt(count(*) / (count(*) - 1) * sum((total - items * mean) ** 2)) / sum(items)
        END AS error
    FROM centred GROUP BY gate_id, run_id, created_at, subject_digest, arm, side, checkpoint, metric
)
SELECT epoch(created_at) AS at_s, gate_id, subject_digest, arm, side, checkpoint, metric, items, mean,
    greatest(0, mean - 1.96 * error) AS lower, least(1, mean + 1.96 * error) AS upper
FROM by_run WHERE items >= ? ORDER BY created_at, gate_id, run_id
"""
"""The error is that of `run_metrics`."""

_WITHIN = """
subject_digest = ? AND (item_id IN (SELECT unnest(?::VARCHAR[]))
    OR regexp_replace(item_id, ?, '') IN (SELECT unnest(?::VARCHAR[])))
"""
"""An item's own id may end like that of a repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """A task as it is now, and tags of its items: only runs on this very content have these items."""

    task: Task
    tags: tuple[str, ...]

    def condition(self, tags: Collection[str] | None = None) -> tuple[str, list[object]]:
        """Return a condition on a view of items and its values: those that carry one of `tags`, or any."""
        wanted = set(self.tags if tags is None else tags)
        mine = [item.id for item in self.task.items if wanted & set(item.tags)]
        return _WITHIN, [self.task.digest, mine, f"{REPEAT_MARK}[0-9]+$", mine]


def slices_named(tags: Sequence[str], tasks: Sequence[str], *, tasks_dir: Path) -> Slices:
    """Return the slices of the one task that is named, by its name or folder.

    Raises `UsageError` where it is not one, or none of its items carries a tag.
    """
    if len(tasks) != 1:
        raise UsageError("--slice is of the items of one task: name it with --task")
    task = load_task(find_task(tasks[0], tasks_dir=tasks_dir))
    known = dict.fromkeys(tag for item in task.items for tag in item.tags)
    for tag in tags:
        if tag not in known:
            has = "its tags are " + ", ".join(known) if known else "its items have none"
            raise UsageError(f"no item of {task.name} has the tag {tag!r}: {has}")
    return Slices(task=task, tags=tuple(tags))


def slice_points(database: Path, slices: Slices, where: str, values: Sequence[object]) -> tuple[Point, ...]:
    """Return the means of every run on the slices' items, each slice a subject of its own, oldest first.

    `where` is a condition on `item_scores` with a `?` for each of `values`.  A run with fewer
    than `FEWEST` of a slice's items has no point there.
    """
    found: list[Point] = []
    for tag in slices.tags:
        within, items = slices.condition([tag])
        sql = _POINTS.format(where=f"{where} AND {within}")
        rows = query(database, sql, [*values, *items, FEWEST]).named()
        found += [Point(subject=f"{slices.task.name}, {tag}", **row) for row in rows]
    return tuple(found)
