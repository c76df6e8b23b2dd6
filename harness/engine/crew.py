"""Everything that is under way in an evaluation: how much there may be, and what has landed.

What can be posted costs no task and is no more than a `Flight`; the rest are `Errand`s.  A
place that has become free is filled only when whoever listens has dealt with the result.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from harness.backends.port import Posting
from harness.domain.run import ItemResult
from harness.engine.errand import Errand
from harness.engine.flight import Flight
from harness.engine.work import ReplyWork, Wiring, Work
from harness.errors import WeighbridgeError

_WATCH_S = 0.5


class Crew:
    """As many works under way as there may be requests in flight, a guard, and what has landed."""

    def __init__(self, works: Iterable[Work], wiring: Wiring, concurrency: int) -> None:
        """Take the work in its order and set the guard up; needs a running loop."""
        self._queue = deque(works)
        self._wiring = wiring
        self._most = concurrency
        self._posting = {
            digest: backend for digest, backend in wiring.backends.items() if isinstance(backend, Posting)
        }
        self._away: set[Flight | Errand] = set()
        self._landed: list[Flight | Errand] = []
        self._listener: asyncio.Future[None] | None = None
        self._broken: BaseException | None = None
        self._closed = 0
        self._guard = asyncio.create_task(_watch(wiring.watch))
        self._tasks = {self._guard}
        self._guard.add_done_callback(partial(self._ended, None))

    @property
    def at_work(self) -> bool:
        """Whether anything is under way or waits to be taken."""
        return bool(self._away or self._landed)

    def fill(self) -> None:
        """Begin work on every free place, but none whose pair of runs is closed.

        What cannot even be asked stops the crew, behind what was answered until then.
        """
        free = self._most - len(self._away) - len(self._landed)
        queue, closed = self._queue, self._wiring.closed
        try:
            while free > 0 and queue:
                work = queue.popleft()
                if work.run.pair not in closed:
                    self._begin(work)
                    free -= 1
        except WeighbridgeError as error:
            self._break(error)

    async def news(self) -> None:
        """Return once there is a result to take, or no more will come."""
        while self._away and not (self._landed or self._broken):
            self._listener = asyncio.get_running_loop().create_future()
            try:
                await self._listener
            finally:
                self._listener = None

    def take(self) -> list[ItemResult]:
        """Return the results of all that has landed; one that cannot be scored stops the crew."""
        landed, self._landed = self._landed, []
        results: list[ItemResult] = []
        for each in landed:
            try:
                results.append(each.result())
            except WeighbridgeError as error:
                self._break(error)
        return results

    async def confirm(self) -> None:
        """Raise `ServerDied` when a failure may be that of a server that is gone."""
        self.raise_if_broken()
        await asyncio.to_thread(self._wiring.confirm)

    def raise_if_broken(self) -> None:
        """Raise what ended the guard or a work."""
        if self._broken is not None:
            raise self._broken

    def give_up_closed(self) -> None:
        """Give up what is under way for a pair of runs that was closed since the last time."""
        closed = self._wiring.closed
        if len(closed) == self._closed:
            return
        self._closed = len(closed)
        for each in [each for each in self._away if each.work.run.pair in closed]:
            self._away.discard(each)
            each.give_up()

    async def dismiss(self) -> None:
        """Give up all that is under way, and return once its tasks have ended."""
        self._guard.cancel()
        for each in self._away:
            each.give_up()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Work) -> None:
        backend = self._posting.get(work.run.candidate.checkpoint.digest)
        if (
            backend is not None
            and isinstance(work, ReplyWork)
            and not (work.timed or work.renderer.retrieves)
        ):
            flight = Flight(work, self._wiring, self._land)
            self._away.add(flight)
            if flight.depart(backend):
                return
            self._away.discard(flight)
        errand = Errand(work, self._wiring, self._land)
        self._away.add(errand)
        self._tasks.add(errand.task)
        errand.task.add_done_callback(partial(self._ended, errand))

    def _land(self, landed: Flight | Errand) -> None:
        self._away.discard(landed)
        self._landed.append(landed)
        self._tell()

    def _ended(self, errand: Errand | None, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if errand is not None:
            self._away.discard(errand)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)
        self._tell()

    def _break(self, error: BaseException) -> None:
        self._broken = self._broken or error

    def _tell(self) -> None:
        if self._listener is not None and not self._listener.done():
            self._listener.set_result(None)


async def _watch(check: Callable[[], None]) -> None:
    while True:
        check()
        await asyncio.sleep(_WATCH_S)
