"""`weighbridge experiment`: a matrix of data sets, recipes, arms and decodings, measured and compared."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import COVERAGE_CODES, RESUMES, sentences

File = Annotated[
    Path, typer.Argument(help="TOML file: a question, a task, factors and their levels.", show_default=False)
]
Accept = Annotated[
    str, typer.Option("--accept-unreviewed-by", help="Who takes training data that was not read, by name.")
]
Check = Annotated[bool, typer.Option("--check", help="Check the file, list its cells, and begin nothing.")]


def experiment(
    file: File,
    accept_unreviewed_by: Accept = "",
    embedder: options.Embedder = options.EMBEDDER,
    results: options.Results = options.RESULTS,
    *,
    check: Check = False,
    json: options.Json = False,
) -> None:
    """Measure every cell of an experiment on the same items, and compare each with a reference cell.

    For example:

      weighbridge experiment docs/experiments/context.toml

      weighbridge experiment docs/experiments/dilution.toml --accept-unreviewed-by Ada

    The same command goes on where a killed one stopped, and measures nothing twice.

    Exit codes: 0 all cells were measured, 2 none could be, 3 some are holes.
    """
    with sentences(stopped=RESUMES):
        from harness.cli.show_experiment import show_cells, show_experiment
        from harness.experiments.matrix.record import record
        from harness.experiments.matrix.run import ExperimentRequest, checked, run_experiment
        from harness.experiments.request import places
        from reports.experiment import markdown
        from reports.experiment_progress import shown_experiment

        found = checked(
            ExperimentRequest(
                path=file, places=places(results, embedder=embedder), accepted_by=accept_unreviewed_by
            )
        )
        if check:
            show_cells(found, json=json)
            return
        shown = shown_experiment()
        try:
            report = run_experiment(found, shown)
        finally:
            shown.close()
        recorded = record(report, markdown(report), found.folder)
        show_experiment(report, recorded, json=json)
    raise SystemExit(COVERAGE_CODES[report.coverage])
