"""`weighbridge report`: a gate as a page, a comment, a badge and annotations."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences

if TYPE_CHECKING:
    from reports.gate.record import GateRecord

_STDOUT = Path("-")


def report(
    gate: Annotated[Path, typer.Argument(help="A gate's folder, as its verdict printed it.")],
    html: Annotated[Path | None, typer.Option(help="Write one self-contained page here.")] = None,
    md: Annotated[Path | None, typer.Option(help="Write a pull-request comment here.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures as JSON here.")] = None,
    tasks: Annotated[
        str, typer.Option(help="Folders of tasks of your own, whose questions are then shown, by commas.")
    ] = "",
) -> None:
    """Write what a gate found, for people and for machines; `-` is standard output.

    Without an option the page goes to weighbridge-GATE.html here.  An unfinished gate is shown
    as unfinished.  For example:

      weighbridge report results/gates/0123456789ab-1 --html report.html --md comment.md
    """
    with sentences(stopped="stopped; nothing was written, run the same command again"):
        from harness.experiments.gate_record import gate_record
        from harness.experiments.request import places, words

        record = gate_record(gate, tasks=words(tasks), tasks_dir=places(options.RESULTS).tasks)
        if not (html or md or json):
            html = Path(f"weighbridge-{record.manifest.gate_id}.html")
        _write(record, html, _page)


def _write(record: "GateRecord", path: Path | None, form: Callable[["GateRecord"], str]) -> None:
    """Write one form of the report and say where, nothing for no path."""
    if path is None:
        return
    text = form(record)
    if path == _STDOUT:
        sys.stdout.write(text)
        return
    from harness.store.atomic import write_atomically

    write_atomically(path, text.encode("utf-8"))
    print(f"written: {path}")


def _page(record: "GateRecord") -> str:
    from reports.drawing import require_drawing
    from reports.gate.page import gate_page

    require_drawing()
    return gate_page(record)
