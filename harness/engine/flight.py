"""A work that was posted: what it asked, and the result once it was told what came of it.

Scoring waits until the result is taken, so that no other reply is read later for it.
"""

from collections.abc import Callable

from harness.backends.port import GiveUp, Posting
from harness.domain.response import GenerationFailure, Response
from harness.domain.run import ItemResult
from harness.engine.perform import cache_key, concluded, prepared
from harness.engine.work import ReplyWork, Wiring


class Flight:
    """One work under way over a backend that posts; lands once, with or without a request."""

    __slots__ = ("_digest", "_give_up", "_key", "_landed", "_outcome", "_request", "_wiring", "work")

    _outcome: Response | GenerationFailure

    def __init__(self, work: ReplyWork, wiring: Wiring, landed: Callable[["Flight"], None]) -> None:
        """Render the work; raises what `prepared` raises."""
        self.work = work
        self._wiring = wiring
        self._landed = landed
        self._request, self._digest = prepared(work, wiring)
        self._key: str | None = None
        self._give_up: GiveUp | None = None

    def depart(self, backend: Posting) -> bool:
        """Land at once with an answer of before, or ask for one; False if neither can be done."""
        caching = self._wiring.caching
        if caching is not None:
            self._key = cache_key(self.work, self._request, self._digest, caching)
            known = None if self._key is None else caching.known(self._key, Response)
            if known is not None:
                self._key = None
                self._told(known)
                return True
        self._give_up = backend.post(self._request, self._told)
        return self._give_up is not None

    def give_up(self) -> None:
        """Never land."""
        if self._give_up is not None:
            self._give_up()

    def result(self) -> ItemResult:
        """Return what the work ended in; raise `InvalidTask` where the task cannot score it."""
        outcome, caching = self._outcome, self._wiring.caching
        if caching is not None and self._key is not None:
            caching.keep(self._key, outcome)
        return concluded(self.work, self._request, self._digest, outcome)

    def _told(self, outcome: Response | GenerationFailure) -> None:
        self._outcome = outcome
        self._landed(self)
