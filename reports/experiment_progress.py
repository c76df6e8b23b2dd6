"""Shows an experiment while it goes on, on standard error: a live table on a terminal, lines elsewhere."""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from harness import Cell, Hole, ItemResult, Measured
from reports.pace import Pace
from reports.plain_text import harmless
from reports.progress import Lines

if TYPE_CHECKING:
    from rich.table import Table

_DRAWN_A_SECOND = 4
_LONGEST = 120
_LINE_EVERY_S = 10.0
_WAITING = ("-", "waiting")


def shown_experiment() -> "ExperimentTable | ExperimentLines":
    """Return a live table for a terminal and plain lines for a log."""
    return ExperimentTable() if sys.stderr.isatty() else ExperimentLines(sys.stderr)


def told(outcome: Measured | Hole) -> tuple[str, str]:
    """Return what a cell ended in: its mean, and how that came about."""
    if isinstance(outcome, Hole):
        return "-", f"hole: {harmless(outcome.reason, longest=_LONGEST)}"
    mean = sum(each.target for each in outcome.items) / len(outcome.items)
    return f"{mean:.3f}", f"{len(outcome.items)} items"


class ExperimentTable:
    """A live table, a row a cell, and below it what is being done now."""

    def __init__(self) -> None:
        """Prepare the table; nothing is drawn before the cells are known."""
        from rich.console import Console
        from rich.live import Live

        self._cells: tuple[Cell, ...] = ()
        self._factors: tuple[str, ...] = ()
        self._ended: dict[Cell, tuple[str, str]] = {}
        self._stage = ""
        self._pace = Pace()
        # It draws once when it is made, so that it comes last.
        self._live = Live(
            console=Console(stderr=True),
            get_renderable=self.table,
            refresh_per_second=_DRAWN_A_SECOND,
            transient=True,
        )

    def expect(self, cells: tuple[Cell, ...], factors: tuple[str, ...]) -> None:
        """Draw the table, all cells waiting."""
        self._cells, self._factors = cells, factors
        self._live.start()

    def settled(self, outcome: Measured | Hole) -> None:
        """Fill a row in."""
        self._ended[outcome.cell] = told(outcome)

    def say(self, stage: str) -> None:
        """Show the stage."""
        self._stage = stage

    def begin(self, label: str, *, total: int, done: int) -> None:
        """Start counting."""
        self._stage = label
        self._pace.begin(total=total, done=done, now_s=time.monotonic())

    def advance(self, *results: ItemResult) -> None:
        """Count."""
        self._pace.count(*results)

    def spare(self, items: int) -> None:
        """Count to fewer."""
        self._pace.total -= items

    def end(self) -> None:
        """Stop counting; the table goes when all cells have ended, or the program does."""
        self._pace = Pace()

    def close(self) -> None:
        """Take the table away."""
        self._live.stop()

    def table(self) -> "Table":
        """Return the table as it stands."""
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="dim", caption=Text(self._now()))
        for heading in ("cell", "mean", "state"):
            table.add_column(heading)
        for cell in self._cells:
            texts = (cell.named(self._factors), *self._ended.get(cell, _WAITING))
            table.add_row(*(Text(harmless(text)) for text in texts))
        return table

    def _now(self) -> str:
        pace = self._pace
        counted = f", {pace.done} of {pace.total}, {pace.told(time.monotonic())}" if pace.total else ""
        return harmless(f"{self._stage}{counted}")


class ExperimentLines(Lines):
    """Plain lines: those of a gate, and one for every cell that has ended."""

    def __init__(self, sink: TextIO) -> None:
        """Take where the lines go."""
        super().__init__(sink)
        self._factors: Sequence[str] = ()
        self._total = 0
        self._said, self._said_s = "", 0.0
        self._ended = 0

    def say(self, stage: str) -> None:
        """Print the stage, once in ten seconds where nothing but its numbers changes."""
        words = "".join(sign for sign in stage if not sign.isdigit())
        now_s = time.monotonic()
        if words != self._said or now_s - self._said_s > _LINE_EVERY_S:
            self._said, self._said_s = words, now_s
            super().say(stage)

    def expect(self, cells: tuple[Cell, ...], factors: tuple[str, ...]) -> None:
        """Print how many cells there are."""
        self._factors, self._total = factors, len(cells)
        self._line(f"{len(cells)} cells, which differ in {', '.join(factors)}")

    def settled(self, outcome: Measured | Hole) -> None:
        """Print what a cell ended in."""
        self._ended += 1
        name = harmless(outcome.cell.named(self._factors))
        self._line(f"cell {self._ended} of {self._total}, {name}: {', '.join(told(outcome))}")

    def close(self) -> None:
        """Print nothing more."""
