"""What the verbs print: for people through the reports, for machines as JSON."""

import sys
from collections.abc import Sequence

import msgspec

from harness.domain.run import ItemResult
from harness.domain.verdict import GateVerdict
from harness.experiments.gate import GateReport
from harness.gating.provenance import provenance_notes
from reports.console import plain_table, wide_console
from reports.plain_text import harmless
from reports.terminal import write_verdict


def show_report(report: GateReport, *, json: bool) -> None:
    """Print a gate's verdict."""
    if json:
        print_json({"gate": str(report.folder.path), **as_json(report.verdict)})
        return
    write_verdict(
        report.verdict,
        report.folder.path,
        resumed_items=report.resumed_items,
        elapsed_s=report.elapsed_s,
    )


def as_json(verdict: GateVerdict) -> dict[str, object]:
    """Return a verdict as plain values; infinite bounds become null."""
    plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(verdict))
    return plain


def show_scores(report: GateReport, *, json: bool) -> None:
    """Print the mean of every metric and part of every run, decided on nothing."""
    rows = [
        (run.subject, str(run.candidate.arm), name, len(results), round(mean, 4))
        for run in report.folder.manifest.runs
        for results in (report.folder.results(run.id),)
        for name, mean in _means(results)
    ]
    show_rows(("task", "arm", "metric", "items", "mean"), rows, json=json)
    if not json:
        notes = "".join(
            f"Note: {harmless(note)}\n" for note in provenance_notes(report.folder.manifest.provenance)
        )
        sys.stdout.write(f"\n{notes}Results: {report.folder.path}\n")


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[object]], *, json: bool) -> None:
    """Print rows as a table, or as a JSON array of objects."""
    if json:
        print_json([dict(zip(columns, map(_plain, row), strict=True)) for row in rows])
        return
    from rich.text import Text

    table = plain_table([harmless(column) for column in columns])
    for row in rows:
        table.add_row(*(Text(harmless(str(cell), longest=200)) for cell in row))
    wide_console().print(table)


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def _means(results: Sequence[ItemResult]) -> list[tuple[str, float]]:
    totals: dict[str, list[float]] = {}
    for result in results:
        for metric, score in result.scores.items():
            totals.setdefault(metric, []).append(score.value)
            for part, value in score.parts.items():
                totals.setdefault(f"{metric}/{part}", []).append(value)
    return [(name, sum(values) / len(results)) for name, values in totals.items()]


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
