"""A decision on a terminal: the answer first, the ladder, the factorial, then what would change its mind."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from harness import Contrast, Decision, Footing, Ruling, RungResult
from reports.console import plain_table, wide_console
from reports.plain_text import harmless

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_STYLE: Mapping[str, str] = {
    Ruling.TRAIN: "bold green",
    Ruling.DO_NOT_TRAIN: "bold red",
    Ruling.INCONCLUSIVE: "bold yellow",
    Ruling.INVALID: "bold magenta",
    Footing.HOLDS: "green",
    Footing.SHORT: "red",
    Footing.OPEN: "yellow",
}
_RUNGS = ("rung", "score", "valid", "behind prompts", "behind tuned", "shown to be")
_CONTRASTS = ("what changes", "change", "interval")
_LEFT = ("rung", "what changes", "shown to be")


def write_decision(
    decision: Decision, folder: Path, *, resumed_items: int, elapsed_s: float, following: str
) -> None:
    """Print a decision, its notes, the ladder, the factorial, and what to do next."""
    from rich.text import Text

    console = wide_console()
    ruling = (str(decision.ruling), _STYLE[decision.ruling])
    console.print(Text.assemble(ruling, f"  {harmless(decision.reason)}."), soft_wrap=True)
    for line in _besides(decision):
        console.print(Text(harmless(line)), soft_wrap=True)
    if decision.rungs:
        _write_tables(decision, console)
    for line in _where(folder, resumed_items, elapsed_s, following):
        console.print(Text(harmless(line, longest=2000)), soft_wrap=True)


def _besides(decision: Decision) -> Iterator[str]:
    if decision.diagnosis and decision.diagnosis not in decision.reason:
        yield f"Knowledge or behaviour: {decision.diagnosis}."
    yield from (f"Would change that: {line}." for line in decision.would_change)
    if decision.finals is not None:
        yield f"Finalists: {decision.finals.tuned} against {decision.finals.base}: {decision.finals.status}."
        for each in decision.finals.verdicts:
            told = each.status if each.counts else f"{each.status} (does not count)"
            yield f"  {each.suite} on {each.subject}: {told}. {each.reason}."
    yield from (f"Note: {note}" for note in decision.notes)


def _write_tables(decision: Decision, console: "Console") -> None:
    level = f"{100 * decision.confidence:.0f} %"
    console.print(_table(_RUNGS, [_rung(each, decision) for each in decision.rungs]))
    console.print(
        f"  behind: what a rung lacks of the best other one at most, in points (all at {level} together);\n"
        f"  a prompt may lack {100 * decision.terms.gain:g} of a tuned rung; any may lack "
        f"{100 * decision.terms.margin:g} of another of its kind"
    )
    console.print(_table(_CONTRASTS, [_contrast(each) for each in decision.contrasts]))
    console.print(f"  changes in points; their intervals hold at {level} together")


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> "Table":
    from rich.text import Text

    table = plain_table(columns, right=set(columns) - set(_LEFT))
    for row in rows:
        table.add_row(*(Text(harmless(cell), style=_STYLE.get(cell, "")) for cell in row))
    return table


def _rung(each: RungResult, decision: Decision) -> tuple[str, ...]:
    sign = "> " if each.rung == decision.stands_on else "  "
    return (
        f"{sign}{each.rung}",
        f"{each.score:.3f}",
        f"{each.valid:.3f}",
        _bound(each.behind_prompts),
        _bound(each.behind_tuned),
        each.footing,
    )


def _bound(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.1f}"


def _contrast(each: Contrast) -> tuple[str, ...]:
    low, high = each.interval
    return each.name, f"{100 * each.delta:+.1f}", f"{100 * low:+.1f} to {100 * high:+.1f}"


def _where(folder: Path, resumed_items: int, elapsed_s: float, following: str) -> Iterator[str]:
    kept = f"; {resumed_items} replies were known before" if resumed_items else ""
    yield ""
    yield f"Results: {folder} ({elapsed_s:.0f} s{kept})"
    yield f"Replay:  weighbridge verify {quote(str(folder))}"
    yield f"Cost:    weighbridge cost {quote(str(folder))} --price-in 0.15 --price-out 0.60"
    if following:
        yield f"Next:    {following}"
