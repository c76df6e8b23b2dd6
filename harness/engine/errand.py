"""A work carried out by a task, for all that has to be waited for on the way to its result."""

import asyncio
from collections.abc import Callable

from harness.domain.run import ItemResult
from harness.engine.perform import perform
from harness.engine.work import Wiring, Work


class Errand:
    """One work under way as a task; lands once, unless the task fails."""

    __slots__ = ("_result", "task", "work")

    def __init__(self, work: Work, wiring: Wiring, landed: Callable[["Errand"], None]) -> None:
        """Set out; needs a running loop."""
        self.work = work
        self._result: ItemResult | None = None
        self.task = asyncio.create_task(self._run(wiring, landed))

    def give_up(self) -> None:
        """Never land."""
        self.task.cancel()

    def result(self) -> ItemResult:
        """Return what the work ended in, once it has landed."""
        if self._result is None:
            raise RuntimeError(f"{self.work.item_id} is still under way")
        return self._result

    async def _run(self, wiring: Wiring, landed: Callable[["Errand"], None]) -> None:
        self._result = await perform(self.work, wiring)
        landed(self)
