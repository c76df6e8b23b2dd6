"""Shows how far a step that asks no model has come: a bar on a terminal, lines in a log."""

import sys
import time
from typing import TextIO

_EVERY_S = 10.0


def shown_tally() -> "TallyBar | TallyLines":
    """Return a bar for a terminal and plain lines for a log."""
    return TallyBar() if sys.stderr.isatty() else TallyLines(sys.stderr)


class TallyBar:
    """A rich bar with the stage, what is done of it and the time left."""

    def __init__(self) -> None:
        """Prepare the bar; nothing is drawn before the first stage."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._rich = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._rich.add_task("", total=None)

    def say(self, stage: str) -> None:
        """Show the stage, nothing of it done."""
        self._rich.start()
        self._rich.reset(self._task, total=None, description=stage)

    def count(self, done: int, total: int) -> None:
        """Move the bar."""
        self._rich.update(self._task, total=total, completed=done)

    def end(self) -> None:
        """Take the bar away."""
        self._rich.stop()


class TallyLines:
    """A line a stage, and one every ten seconds of a stage that lasts."""

    def __init__(self, sink: TextIO) -> None:
        """Take where the lines go."""
        self._sink = sink
        self._stage = ""
        self._began_s = self._shown_s = time.monotonic()

    def say(self, stage: str) -> None:
        """Print the stage."""
        self._stage = stage
        self._line(stage)

    def count(self, done: int, total: int) -> None:
        """Print how far the stage has come, once in a while."""
        if done and time.monotonic() - self._shown_s > _EVERY_S:
            self._line(f"{self._stage}: {done} of {total}")

    def end(self) -> None:
        """Print nothing more."""

    def _line(self, text: str) -> None:
        self._shown_s = time.monotonic()
        self._sink.write(f"[{self._shown_s - self._began_s:4.0f} s] {text}\n")
        self._sink.flush()
