"""`weighbridge data audit`: what is wrong with a data set before anything is trained on it."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import options as every
from harness.cli.data import options
from harness.cli.exit_codes import COULD_NOT_MEASURE, sentences


def audit(
    file: options.File,
    task: options.Task = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="Base whose chat template renders every conversation: smollm2-135m, folder, hub id."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the audit is kept; beside the file when left out.")
    ] = None,
    read_by: Annotated[
        str, typer.Option(help="Who has read the audit and the examples; a pre-flight asks.")
    ] = "",
    *,
    json: every.Json = False,
) -> None:
    """Look for what makes a data set bad: replies that break the schema, duplicates, conflicts, secrets.

    Errors have to be mended before training and end with exit code 2; warnings are to be decided on.
    For example:

      weighbridge data audit train.jsonl --base smollm2-135m --read-by "A. Reader"
    """
    with sentences(stopped=options.STOPPED):
        from harness.cli.data.show_audit import show_audit
        from harness.experiments.data_audit import audit_data
        from harness.experiments.data_files import Room
        from harness.experiments.progress import ended
        from harness.experiments.request import places
        from reports.tally import shown_tally

        tally = shown_tally()
        with ended(tally):
            room = Room(places=places(every.RESULTS), task=task, tally=tally)
            found, kept = audit_data(file, base=base, out=out, read_by=read_by, room=room)
        show_audit(found, kept, json=json)
        if not found.is_usable:
            raise typer.Exit(COULD_NOT_MEASURE)
