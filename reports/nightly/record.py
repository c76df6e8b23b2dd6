"""A night and what came before it, as its page takes them."""

from dataclasses import dataclass, field

from harness import Night
from reports.trend.record import TrendRecord

UNFINISHED = "UNFINISHED"

NO_HISTORY = TrendRecord(points=(), usage=(), flaky=(), flaky_total=0, gates=0, unfinished=0)
"""What there is before the first night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightRecord:
    """A night, the command that runs it again, and the points and flaky items of all nights.

    The sides of the points tell what each checkpoint is: `candidate` for one that is weighed,
    `baseline` for the release, `anchor` for the anchor.
    """

    night: Night
    command: str
    history: TrendRecord = field(default=NO_HISTORY)

    @property
    def status(self) -> str:
        """The word of the verdict, or that there is none yet."""
        return str(self.night.status) if self.night.is_finished else UNFINISHED
