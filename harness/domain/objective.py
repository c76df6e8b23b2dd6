"""A service-level objective: how long a user may be made to wait."""

from dataclasses import dataclass

from harness.domain.response import Outcome, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The longest wait for the first token and mean time per later one, in seconds.

    The defaults suit chats that are read as they come, `INTERACTIVE` what is waited for.
    """

    ttft_s: float = 2.0
    tpot_s: float = 0.1

    def met_by(self, outcome: Outcome) -> bool:
        """Return whether a reply came in time; a failure and a reply without times did not."""
        if not isinstance(outcome, Response) or outcome.timing is None:
            return False
        timing = outcome.timing
        return timing.ttft_s <= self.ttft_s and (timing.tpot_s is None or timing.tpot_s <= self.tpot_s)


INTERACTIVE = Objective(ttft_s=0.5, tpot_s=0.03)
"""For tools that somebody works with, and waits for."""
