"""`weighbridge trend`: all gates over time, as a table, a page and a Parquet file."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences


def trend(
    results: options.Results = options.RESULTS,
    html: Annotated[Path | None, typer.Option(help="Write one self-contained page here.")] = None,
    parquet: Annotated[Path | None, typer.Option(help="Write the mean of every run here.")] = None,
    task: Annotated[str, typer.Option(help="Tasks and probes by name, separated by commas.")] = "",
    suite: options.Suites = "",
    arm: Annotated[str, typer.Option(help="Arms, separated by commas; all of them when left out.")] = "",
    checkpoint: Annotated[str, typer.Option(help="Checkpoints as they were typed, by commas.")] = "",
    tags: Annotated[
        str, typer.Option("--slice", help="Tags of one --task's items, by commas; a line for each.")
    ] = "",
    *,
    json: options.Json = False,
) -> None:
    """Show how scores moved over all finished gates, and where they stepped to another level.

    For example:

      weighbridge trend --html trend.html --parquet runs.parquet

      weighbridge trend --task fractions --suite target-metric --json

      weighbridge trend --task fractions --slice add,subtract
    """
    with sentences(stopped="stopped; run the same command again"):
        from harness.cli.show import show_rows
        from harness.errors import UsageError
        from harness.experiments.request import places, suites_named, words
        from harness.experiments.trend import Selection, trend_record, write_trend
        from harness.experiments.trend_slices import slices_named
        from reports.trend.page import series_row
        from reports.trend.series import series

        if tags and parquet is not None:
            raise UsageError(
                "--parquet holds the means of whole runs: leave --slice out, or query item_scores"
            )
        at = places(results)
        slices = slices_named(words(tags), words(task), tasks_dir=at.tasks) if tags else None
        selection = Selection(
            tasks=words(task) if slices is None else (slices.task.name,),
            suites=suites_named(words(suite)) if suite else (),
            arms=words(arm),
            checkpoints=words(checkpoint),
            slices=slices,
        )
        record = trend_record(at.database, selection)
        if html is not None:
            from harness.cli.written import write_out
            from reports.drawing import require_drawing
            from reports.trend.page import trend_page

            require_drawing()
            write_out(html, trend_page(record, about=str(selection)))
        if parquet is not None:
            write_trend(at.database, selection, parquet)
        rows = [series_row(line) for line in series(record.points)]
        columns = list(rows[0]) if rows else ["of", "side", "runs"]
        show_rows(columns, [list(row.values()) for row in rows], json=json)
