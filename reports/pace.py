"""How fast items come, for whoever watches: counted for next to nothing, worked out when shown."""

from collections import deque

from harness import GenerationFailure, ItemResult

_WINDOW_S = 30.0
_MANY = 100


class Pace:
    """Counts results, and says at what rate the latest of them came."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self.begin(total=0, done=0, now_s=0.0)

    def begin(self, *, total: int, done: int, now_s: float) -> None:
        """Count from `done` to `total`."""
        self.total, self.done, self.failed = total, done, 0
        self._tokens = 0
        self._seen: deque[tuple[float, int, int]] = deque([(now_s, done, 0)])

    def count(self, *results: ItemResult) -> None:
        """Count some more."""
        for result in results:
            self.done += 1
            outcome = result.outcome
            if isinstance(outcome, GenerationFailure):
                self.failed += 1
            else:
                self._tokens += getattr(outcome, "completion_tokens", 0)

    def told(self, now_s: float) -> str:
        """Return items and output tokens a second over the last half minute, failures and time left.

        `now_s` is monotonic; what cannot be known yet is left out.
        """
        began_s, done, tokens = self._oldest(now_s)
        passed_s = now_s - began_s
        self._seen.append((now_s, self.done, self._tokens))
        words = [f"{self.failed} failed"] if self.failed else []
        if passed_s > 0 and self.done > done:
            a_second = (self.done - done) / passed_s
            words.append(f"{a_second:.3g} items/s" if a_second < _MANY else f"{a_second:.0f} items/s")
            if self._tokens > tokens:
                words.append(f"{(self._tokens - tokens) / passed_s:.0f} tokens/s")
            if self.total > self.done:
                words.append(f"{_spelled((self.total - self.done) / a_second)} left")
        return ", ".join(words)

    def _oldest(self, now_s: float) -> tuple[float, int, int]:
        """The latest count that is a window old, or else the first."""
        while len(self._seen) > 1 and now_s - self._seen[1][0] >= _WINDOW_S:
            self._seen.popleft()
        return self._seen[0]


def _spelled(seconds: float) -> str:
    """Hours, minutes and seconds, rounded up to a second."""
    minutes, rest = divmod(int(seconds) + 1, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
