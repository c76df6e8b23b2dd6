"""What `weighbridge data audit` prints: the answer, the lengths, a row a finding, where it is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.cli.show import print_json
from reports.console import plain_table, wide_console
from reports.plain_text import harmless
from training.data.audit.document import Audit, as_document
from training.data.audit.finding import Finding, Severity, percent

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "dim"}


def show_audit(audit: Audit, kept: Path | None, *, json: bool) -> None:
    """Print an audit for people, or the document that is kept for machines."""
    if json:
        print_json(as_document(audit))
        return
    from rich.text import Text

    console = wide_console()
    answer, _, rest = audit.verdict.partition(". ")
    console.print(Text.assemble((answer, _answer_style(audit)), f"  {rest}."))
    console.print(Text(harmless(f"{audit.data.examples:,} examples of {audit.data.path}")), soft_wrap=True)
    console.print()
    for line in _lengths(audit.statistics):
        console.print(Text(line))
    console.print()
    columns = ("severity", "check", "examples", "share", "what was found")
    table = plain_table(columns, right=("examples", "share"))
    for each in audit.findings:
        style = _STYLE[each.severity]
        cells = (each.check, f"{each.count:,}" if each.count else "", _share(each), _told(each))
        table.add_row(Text(str(each.severity), style), *map(Text, cells))
    console.print(table)
    if kept is not None:
        console.print(Text(f"\nKept: {kept}"), soft_wrap=True)


def _answer_style(audit: Audit) -> str:
    if not audit.is_usable:
        return _STYLE[Severity.ERROR]
    return _STYLE[Severity.WARNING] if audit.of(Severity.WARNING) else "bold green"


def _lengths(statistics: Any) -> Iterator[str]:  # noqa: ANN401 - plain JSON
    names = {"prompt_words": "words a prompt", "reply_words": "words a reply", "tokens": "tokens in all"}
    for name, words in names.items():
        spread = statistics.get(name)
        if spread:
            yield f"{words:<15}" + "".join(f"  {rank} {value:>5,}" for rank, value in spread.items())


def _share(finding: Finding) -> str:
    return "" if finding.share is None or not finding.count else percent(finding.share)


def _told(finding: Finding) -> str:
    """What was found, and what to look at; what is personal is not shown."""
    if finding.severity is Severity.NOTE or not finding.count:
        return harmless(finding.said)
    sample = f", \u201c{finding.sample}\u201d" if finding.sample else ""
    return harmless(f"{finding.said} (first example {finding.first}{sample})")
