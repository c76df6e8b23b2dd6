"""`weighbridge nightly`: a matrix of checkpoints, arms and tasks, what is new or stale of it, every night."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import EXIT_CODES, RESUMES, sentences

File = Annotated[
    Path, typer.Argument(help="TOML file: owner, due, checkpoints, tasks, release.", show_default=False)
]
Check = Annotated[
    bool, typer.Option("--check", help="Check the file, list its cells and digests, and begin nothing.")
]


def nightly(
    file: File,
    results: options.Results = options.RESULTS,
    html: Annotated[Path | None, typer.Option(help="Write the page here too.")] = None,
    md: Annotated[Path | None, typer.Option(help="Write the Markdown summary here too.")] = None,
    *,
    check: Check = False,
    json: options.Json = False,
) -> None:
    """Measure what is new or stale, compare it with last night, the release and the frozen anchor.

    For example:

      weighbridge nightly nightly.toml --check

      weighbridge nightly nightly.toml --html public/index.html

    Page, summary and night.json lie in RESULTS/nightly/NAME/NIGHT; on GitHub the step summary and
    annotations come by themselves.  The same command goes on where a killed one stopped.  The
    exit code is that of the worst verdict.
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show_nightly import publisher, show_cells, show_night
        from harness.experiments.nightly.checked import checked
        from harness.experiments.nightly.run import Hands, run_night
        from harness.experiments.request import places
        from reports.progress import shown_progress

        plan = checked(file, places(results))
        if check:
            show_cells(plan, shown_progress(), json=json)
            return
        publish = publisher(plan, results=results, html=html, md=md)
        night = run_night(plan, shown_progress(), Hands(shown=publish))
        show_night(night, plan, json=json)
    raise SystemExit(EXIT_CODES[night.status])
