"""Shows a training run on standard error: a bar on a terminal, a line every ten seconds elsewhere."""

import sys
import time
from typing import Protocol, Self, TextIO

_LINE_EVERY_S = 10.0


class Step(Protocol):
    """One step, as the trainer tells of it."""

    @property
    def step(self) -> int:
        """Steps done."""
        ...

    @property
    def steps(self) -> int:
        """Steps in all."""
        ...

    @property
    def epoch(self) -> float:
        """Epochs done."""
        ...

    @property
    def loss(self) -> float:
        """The loss of the step."""
        ...

    @property
    def examples_per_s(self) -> float:
        """Examples learnt from a second."""
        ...

    @property
    def tokens_per_s(self) -> float:
        """Tokens read a second."""
        ...

    @property
    def left_s(self) -> float:
        """Seconds that are left at this rate."""
        ...


def spelled_step(step: Step, validation_loss: float | None) -> str:
    """Return epoch, losses, rates and time left, as words."""
    words = [f"epoch {step.epoch:.2f}", f"loss {step.loss:.3f}"]
    if validation_loss is not None:
        words.append(f"validation {validation_loss:.3f}")
    words += [f"{step.examples_per_s:.2g} examples/s", f"{step.tokens_per_s:.0f} tokens/s"]
    if step.step < step.steps:
        words.append(f"{spelled_s(step.left_s)} left")
    return ", ".join(words)


def spelled_s(seconds: float) -> str:
    """Return hours, minutes and seconds, rounded up to a second."""
    minutes, rest = divmod(int(seconds) + 1, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class TrainingBar:
    """A rich bar with steps, losses, rates and time left."""

    def __init__(self) -> None:
        """Prepare the bar; nothing is drawn before it is entered."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

        self._rich = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._rich.add_task("", total=None, pace="")
        self._validation: float | None = None

    def __enter__(self) -> Self:
        """Draw."""
        self._rich.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away, however it went."""
        self._rich.stop()

    def say(self, stage: str) -> None:
        """Show the stage."""
        self._rich.update(self._task, description=stage)

    def print(self, line: str) -> None:
        """Leave a line above the bar."""
        self._rich.console.print(line, markup=False, highlight=False)

    def step(self, step: Step) -> None:
        """Move the bar."""
        pace = spelled_step(step, self._validation)
        self._rich.update(self._task, total=step.steps, completed=step.step, pace=pace)

    def validated(self, loss: float | None) -> None:
        """Show a new validation loss from now on."""
        self._validation = loss


class TrainingLines:
    """Plain lines, at most one every ten seconds while nothing changes but numbers."""

    def __init__(self, sink: TextIO) -> None:
        """Take where the lines go."""
        self._sink = sink
        self._began_s = time.monotonic()
        self._shown_s = 0.0
        self._validation: float | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def say(self, stage: str) -> None:
        """Print the stage."""
        self.print(stage)

    def print(self, line: str) -> None:
        """Print a line."""
        self._shown_s = time.monotonic()
        self._sink.write(f"[{self._shown_s - self._began_s:4.0f} s] {line}\n")
        self._sink.flush()

    def step(self, step: Step) -> None:
        """Print once in a while, and the last step always."""
        if time.monotonic() - self._shown_s > _LINE_EVERY_S or step.step == step.steps:
            self.print(f"step {step.step} of {step.steps}: {spelled_step(step, self._validation)}")

    def validated(self, loss: float | None) -> None:
        """Print a new validation loss from now on."""
        self._validation = loss


def shown_training() -> TrainingBar | TrainingLines:
    """Return a bar for a terminal and plain lines for a log."""
    return TrainingBar() if sys.stderr.isatty() else TrainingLines(sys.stderr)
