"""The seam to whoever measures cells: this machine now, a cluster engine in its place later."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from harness.domain.experiment import Cell, Outcome


class Executor(Protocol):
    """Measures cells, in whatever order and on whatever machines; keeps what it has measured."""

    def run(self, cells: Sequence[Cell]) -> Iterator[Outcome]:
        """Yield what every cell ended in, once each; a cell that fails is a hole and ends nothing."""
        ...
