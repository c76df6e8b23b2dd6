"""`weighbridge report`: a gate as a page, a comment, a badge and annotations."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import options
from harness.cli.exit_codes import sentences

if TYPE_CHECKING:
    from reports.gate.record import GateRecord

_SUMMARY = "GITHUB_STEP_SUMMARY"


def report(
    gate: Annotated[Path, typer.Argument(help="A gate's folder, as its verdict printed it.")],
    html: Annotated[Path | None, typer.Option(help="Write one self-contained page here.")] = None,
    md: Annotated[Path | None, typer.Option(help="Write a pull-request comment here.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures as JSON here.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write a test case a question here.")] = None,
    badge: Annotated[
        Path | None, typer.Option(help="Write a badge here: SVG, or .json for a badge service.")
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="Print the page here, with an installed browser.")] = None,
    gitlab: Annotated[Path | None, typer.Option(help="Write a code quality report of GitLab here.")] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write the alerts of a code scanner here.")] = None,
    tasks: options.OwnTasks = "",
    *,
    github: Annotated[
        bool, typer.Option("--github", help="Print annotations and add to the step summary; by itself in CI.")
    ] = False,
) -> None:
    """Write what a gate found, for people and for machines; `-` is standard output.

    Without an option the page goes to weighbridge-GATE.html here.  An unfinished gate is shown
    as unfinished.  The exit code is 0 once all is written, whatever the verdict; that of the
    verdict is given by `weighbridge gate` and `weighbridge verify`.  For example:

      weighbridge report results/gates/0123456789ab-1 --html report.html --md comment.md

      weighbridge report results/gates/0123456789ab-1 --github --junit weighbridge.xml

      weighbridge report results/gates/0123456789ab-1 --pdf report.pdf --sarif weighbridge.sarif
    """
    with sentences(stopped="stopped; run the same command again to write the rest"):
        from harness.experiments.gate_record import gate_record
        from harness.experiments.request import places, words

        record = gate_record(gate, tasks=words(tasks), tasks_dir=places(options.RESULTS).tasks)
        in_ci = github or bool(os.environ.get(_SUMMARY))
        asked: Sequence[tuple[Path | None, Callable[[GateRecord], str | bytes]]] = (
            (html, _page),
            (pdf, _printed),
            (md, _comment),
            (json, _document),
            (junit, _junit),
            (badge, _badge_json if badge and badge.suffix == ".json" else _badge),
            (gitlab, _code_quality),
            (sarif, _sarif),
        )
        if not in_ci and all(path is None for path, _ in asked):
            asked = ((Path(f"weighbridge-{record.manifest.gate_id}.html"), _page),)
        for path, form in asked:
            _write(record, path, form)
        if in_ci:
            _tell_github(record)


def _write(record: "GateRecord", path: Path | None, form: Callable[["GateRecord"], str | bytes]) -> None:
    """Write one form of the report, nothing for no path."""
    if path is not None:
        from harness.cli.written import write_out

        write_out(path, form(record))


def _tell_github(record: "GateRecord") -> None:
    """Print annotations, and add the comment to the step's summary where there is one."""
    from reports.gate.github import annotations

    summary = os.environ.get(_SUMMARY)
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(_comment(record))
    for line in annotations(record):
        print(line)


def _page(record: "GateRecord") -> str:
    from reports.drawing import require_drawing
    from reports.gate.page import gate_page

    require_drawing()
    return gate_page(record)


def _printed(record: "GateRecord") -> bytes:
    from reports.printing import printed

    return printed(_page(record))


def _comment(record: "GateRecord") -> str:
    from reports.gate.markdown import comment

    return comment(record)


def _document(record: "GateRecord") -> str:
    from reports.gate.document import document

    return document(record)


def _junit(record: "GateRecord") -> str:
    from reports.gate.junit import junit

    return junit(record)


def _badge(record: "GateRecord") -> str:
    from reports.gate.badge import badge_svg

    return badge_svg(record)


def _badge_json(record: "GateRecord") -> str:
    from reports.gate.badge import badge_json

    return badge_json(record)


def _code_quality(record: "GateRecord") -> str:
    from reports.gate.gitlab import code_quality

    return code_quality(record)


def _sarif(record: "GateRecord") -> str:
    from reports.gate.sarif import sarif

    return sarif(record)
