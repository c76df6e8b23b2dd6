"""A gate's verdict on a terminal: the answer first, then the numbers, then where they are kept."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from harness import GateVerdict, Status, Suite, Verdict
from reports.console import plain_table, wide_console
from reports.plain_text import harmless

if TYPE_CHECKING:
    from rich.text import Text

_STYLE = {
    Status.PASSED: "bold green",
    Status.REGRESSED: "bold red",
    Status.INCONCLUSIVE: "bold yellow",
    Status.INVALID: "bold magenta",
}
_COLUMNS = ("suite", "of", "arm", "baseline", "candidate", "change", "interval", "n", "verdict")
_WITH_ANCHOR = ("suite", "of", "arm", "against", "reference", *_COLUMNS[4:])
_LEFT = ("suite", "of", "arm", "against", "verdict")


def write_verdict(gate: GateVerdict, folder: Path, *, resumed_items: int, elapsed_s: float) -> None:
    """Print the verdict of a gate, its notes, its suites as a table, a sentence each, and what to do next."""
    from rich.text import Text

    console = wide_console()
    anchored = any(map(_is_anchored, gate.verdicts))
    columns = _WITH_ANCHOR if anchored else _COLUMNS
    table = plain_table(columns, right=set(columns) - set(_LEFT))
    for verdict in gate.verdicts:
        table.add_row(*(Text(cell) for cell in _row(verdict, anchored=anchored)), _badge(verdict))
    console.print(Text.assemble((str(gate.status), _STYLE[gate.status]), "  ", harmless(gate.reason)))
    for note in gate.notes:
        console.print(Text(f"Note: {_one_line(note)}"), soft_wrap=True)
    console.print()
    console.print(table)
    console.print()
    for line in _sentences(gate.verdicts):
        console.print(Text(harmless(line)), soft_wrap=True)
    console.print(Text(_where(folder, resumed_items, elapsed_s)), soft_wrap=True)


def _row(verdict: Verdict, *, anchored: bool) -> tuple[str, ...]:
    head: tuple[str, ...] = (str(verdict.suite), harmless(verdict.subject), verdict.arm or "-")
    if anchored:
        head = (*head, str(verdict.against))
    seen = verdict.evidence
    if seen is None:
        return (*head, "-", "-", "-", "-", "-")
    low, high = seen.interval
    if verdict.suite is Suite.LATENCY:
        figures = (
            f"{seen.baseline:.2f} s",
            f"{seen.candidate:.2f} s",
            f"x {seen.delta:.2f}",
            f"x {low:.2f} to {high:.2f}",
        )
    else:
        figures = (
            f"{seen.baseline:.3f}",
            f"{seen.candidate:.3f}",
            f"{100 * seen.delta:+.1f}",
            f"{100 * low:+.1f} to {100 * high:+.1f}",
        )
    return (*head, *figures, _items(seen.n, seen.details.get("planned_items", seen.n)))


def _items(n: int, planned: float) -> str:
    """How many items were weighed, and of how many when the question was answered early."""
    return f"{n} of {planned:.0f}" if planned > n else str(n)


def _badge(verdict: Verdict) -> "Text":
    from rich.text import Text

    note = "" if verdict.role == "gate" else "reported: "
    badge = Text.assemble((f"{note}{verdict.status}", _STYLE[verdict.status]))
    if verdict.waiver is not None:
        badge.append(f"\n{_waived(verdict.waiver.until)}")
    return badge


def _sentences(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        excuse = f" ({_waived(verdict.waiver.until)})" if verdict.waiver is not None else ""
        yield f"{_question(verdict)}: {verdict.status}{excuse}. {verdict.reason}."
        if verdict.evidence is not None and verdict.suite is Suite.LATENCY:
            yield from _waits(verdict.evidence.details)


def _question(verdict: Verdict) -> str:
    arm = f" x {verdict.arm}" if verdict.arm else ""
    against = " against the anchor" if _is_anchored(verdict) else ""
    return f"{verdict.suite} on {verdict.subject}{arm}{against}"


def _is_anchored(verdict: Verdict) -> bool:
    return verdict.against == "anchor"


def _waived(until: date) -> str:
    return f"waived until {until}"


def _one_line(text: str) -> str:
    return harmless(" ".join(text.splitlines()))


def _waits(details: Mapping[str, float]) -> Iterator[str]:
    """One line a quantile: what was waited on either side."""
    for name in (key.removesuffix("_ratio") for key in details if key.endswith("_ratio")):
        known = [details.get(f"{name}_{side}") for side in ("baseline", "candidate", "ratio")]
        if all(value is not None for value in known):
            yield f"  {name}: {known[0]:.3f} s against {known[1]:.3f} s, x {known[2]:.2f}"


def _where(folder: Path, resumed_items: int, elapsed_s: float) -> str:
    kept = f"; {resumed_items} items were answered before" if resumed_items else ""
    return (
        f"\nResults: {folder} ({elapsed_s:.0f} s{kept})\n"
        f"Replay:  weighbridge verify {quote(str(folder))}\n"
        f"Report:  weighbridge report {quote(str(folder))} --html report.html\n"
        f'Query:   weighbridge results sql "from verdicts" --results {quote(str(folder.parent.parent))}'
    )
