"""Shows how far a step without a model has come: a line that is redrawn, or lines in a log."""

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
    """A line every ten seconds for stages that last; nothing for those that do not."""

    def __init__(self, sink: TextIO) -> None:
        """Take where the lines go."""
        self._sink = sink
        self._stage = ""
        self._shown_s = time.monotonic()

    def say(self, stage: str) -> None:
        """Remember the stage."""
        self._stage = stage

    def count(self, done: int, total: int) -> None:
        """Print how far the stage has come, once in a while."""
        now_s = time.monotonic()
        if now_s - self._shown_s > _EVERY_S:
            self._shown_s = now_s
            self._sink.write(f"{self._stage}: {done} of {total}\n")
            self._sink.flush()

    def end(self) -> None:
        """Print nothing more."""
