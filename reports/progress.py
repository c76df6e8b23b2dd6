"""Shows progress on standard error: a bar on a terminal, a line every few seconds elsewhere."""

import sys
import time
from typing import TextIO

from harness import ItemResult
from reports.pace import Pace

_BAR_EVERY_S = 0.2
_LINE_EVERY_S = 10.0


def shown_progress() -> "Bar | Lines":
    """Return a bar for a terminal and plain lines for a log."""
    return Bar() if sys.stderr.isatty() else Lines(sys.stderr)


class Bar:
    """A rich bar with items, failures, items and tokens a second, and time left."""

    def __init__(self) -> None:
        """Prepare the bar; nothing is drawn before the first stage."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._rich = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._rich.add_task("", total=None, pace="")
        self._pace = Pace()
        self._shown_s = 0.0

    def say(self, stage: str) -> None:
        """Show the stage."""
        self._rich.start()
        self._rich.update(self._task, description=stage)

    def begin(self, label: str, *, total: int, done: int) -> None:
        """Draw the bar at `done` of `total`."""
        self._pace.begin(total=total, done=done, now_s=time.monotonic())
        self._rich.update(self._task, total=total, completed=done, description=label)

    def advance(self, *results: ItemResult) -> None:
        """Count, and move the bar a few times a second."""
        self._pace.count(*results)
        if time.monotonic() - self._shown_s > _BAR_EVERY_S:
            self._show()

    def spare(self, items: int) -> None:
        """Shorten the bar."""
        self._pace.total -= items
        self._show()

    def end(self) -> None:
        """Take the bar away."""
        self._show()
        self._rich.stop()

    def _show(self) -> None:
        self._shown_s = time.monotonic()
        pace = self._pace
        total = pace.total or None
        self._rich.update(self._task, total=total, completed=pace.done, pace=pace.told(self._shown_s))


class Lines:
    """Plain lines, at most one every ten seconds while nothing changes but numbers."""

    def __init__(self, sink: TextIO) -> None:
        """Take where the lines go."""
        self._sink = sink
        self._began_s = time.monotonic()
        self._shown_s = 0.0
        self._stage = ""
        self._pace = Pace()

    def say(self, stage: str) -> None:
        """Print the stage when it is a new one."""
        words = stage.partition(":")[2] or stage
        if words != self._stage:
            self._stage = words
            self._line(stage)

    def begin(self, label: str, *, total: int, done: int) -> None:
        """Start counting."""
        self._pace.begin(total=total, done=done, now_s=time.monotonic())
        self._line(f"{label}: {done} of {total} answered before")

    def advance(self, *results: ItemResult) -> None:
        """Count, and print once in a while."""
        pace = self._pace
        pace.count(*results)
        now_s = time.monotonic()
        if now_s - self._shown_s > _LINE_EVERY_S or pace.done == pace.total:
            said = pace.told(now_s)
            self._line(f"{pace.done} of {pace.total} items{said and ', '}{said}")

    def spare(self, items: int) -> None:
        """Count to fewer."""
        self._pace.total -= items

    def end(self) -> None:
        """Print nothing more."""

    def _line(self, text: str) -> None:
        self._shown_s = time.monotonic()
        self._sink.write(f"[{self._shown_s - self._began_s:4.0f} s] {text}\n")
        self._sink.flush()
