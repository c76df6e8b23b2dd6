"""The port to whoever shows how far a gate has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from harness.domain.run import ItemResult


class Progress(Protocol):
    """Shows stages and counts; decides nothing."""

    def say(self, stage: str) -> None:
        """Show what is being done now."""
        ...

    def begin(self, label: str, *, total: int, done: int) -> None:
        """Start counting to `total` items, `done` of which were answered before."""
        ...

    def advance(self, *results: ItemResult) -> None:
        """Count items that came together, so that no rate is told of the first of them alone."""
        ...

    def spare(self, items: int) -> None:
        """Take `items` off the total: their question is answered without them."""
        ...

    def end(self) -> None:
        """Stop counting."""
        ...


class Tally(Protocol):
    """Shows the stages of a step that asks no model, and how much of a stage is done."""

    def say(self, stage: str) -> None:
        """Show what is being done now."""
        ...

    def count(self, done: int, total: int) -> None:
        """Show that `done` of `total` of the stage are done."""
        ...

    def end(self) -> None:
        """Stop showing."""
        ...


@contextmanager
def ended(progress: "Progress | Tally") -> Iterator[None]:
    """Stop counting on the way out, however that is: a bar left alone hides the cursor for good."""
    try:
        yield
    finally:
        progress.end()


class Silent:
    """Shows nothing."""

    def say(self, stage: str) -> None:
        """Show nothing."""

    def begin(self, label: str, *, total: int, done: int) -> None:
        """Show nothing."""

    def advance(self, *results: ItemResult) -> None:
        """Show nothing."""

    def spare(self, items: int) -> None:
        """Show nothing."""

    def end(self) -> None:
        """Show nothing."""
