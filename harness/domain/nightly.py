"""A night: what checkpoints scored under arms on tasks, beside the release, last night and the anchor.

A cell that could not be measured is a hole with a reason, never a number.  The anchor is a
checkpoint that never changes: where its score moves, the measurement has moved.
"""

from dataclasses import dataclass
from enum import StrEnum

from harness.domain.run import RunKind
from harness.domain.suite import Suite
from harness.domain.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every checkpoint is asked in one cell: a task under an arm, or a probe, which has none.

    `task` is the name or folder by which the task is found, empty for a probe.
    """

    kind: RunKind
    subject: str
    arm: str
    task: str = ""

    @property
    def pair(self) -> str:
        """The name that its runs share in every gate."""
        return f"{self.kind}.{self.subject}.{self.arm}"

    @property
    def shown_arm(self) -> str:
        """The arm as a reader sees it, empty for a probe."""
        return "" if self.kind is RunKind.PROBE else self.arm


class NightPart(StrEnum):
    """What a checkpoint of a night is: one that is weighed, or one that the others are held against."""

    CHECKPOINT = "checkpoint"
    RELEASE = "release"
    ANCHOR = "anchor"


class Against(StrEnum):
    """Whom a cell is compared with."""

    RELEASE = "release"
    LAST_NIGHT = "last night"
    ANCHOR = "anchor"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightChange:
    """A cell against another run on the same items: `delta` is the mean difference in [-1, 1].

    `interval` is None like `delta` where nothing could be compared.  `gates` tells whether the
    answer counts for the night, `since` when the other run was begun, in ISO 8601.
    """

    against: Against
    status: Status
    reason: str
    gates: bool
    delta: float | None = None
    interval: tuple[float, float] | None = None
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightRow:
    """One suite of one measured cell; `mean` in [0, 1] with its two-sided 95 % interval.

    `checkpoint` is the name in the file and `digest` that of its content.  `gate` is the folder of
    the journals, begun at `measured_at`, and `run_id` the run in it; `is_new` tells whether it was
    asked this night.
    """

    part: NightPart
    checkpoint: str
    digest: str
    subject: str
    arm: str
    suite: Suite
    items: int
    mean: float
    interval: tuple[float, float] | None
    measured_at: str
    is_new: bool
    gate: str
    run_id: str
    changes: tuple[NightChange, ...] = ()

    @property
    def gate_id(self) -> str:
        """The name of the gate's folder."""
        return self.gate.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class NightHole:
    """A cell that was not measured, and why, in a sentence."""

    part: NightPart
    checkpoint: str
    subject: str
    arm: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorReading:
    """What the anchor scores now, and what the same content scored when it was first asked, at `since`.

    `changed` of `items` items have another score.  `moved` tells whether the difference of the
    means is shown, at 5 % over all readings of the night together.
    """

    subject: str
    arm: str
    suite: Suite
    then: float
    now: float
    since: str
    interval: tuple[float, float] | None
    changed: int
    items: int
    moved: bool
    gate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something else that the owner has to know, and what it is about: a date, a drift, a missing anchor."""

    about: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointAnswer:
    """The verdict on one checkpoint of the night."""

    checkpoint: str
    status: Status
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A night as it is recorded and read; unfinished while `finished_at` is empty, and then INVALID.

    `name` is that of the file, whose hex sha256 is `file_digest`; `owner` decides by `due`, an ISO
    date, whether to train again.  `asked` are the gates that were asked this night.
    """

    name: str
    night_id: str
    file: str
    file_digest: str
    begun_at: str
    owner: str
    due: str
    finished_at: str = ""
    status: Status = Status.INVALID
    reason: str = "the night is not finished; run the same command again, it goes on"
    release: str = ""
    anchor: str = ""
    answers: tuple[CheckpointAnswer, ...] = ()
    rows: tuple[NightRow, ...] = ()
    holes: tuple[NightHole, ...] = ()
    readings: tuple[AnchorReading, ...] = ()
    notices: tuple[Notice, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether it came to its verdict."""
        return bool(self.finished_at)

    @property
    def moved(self) -> tuple[AnchorReading, ...]:
        """The readings by which the measurement has moved."""
        return tuple(reading for reading in self.readings if reading.moved)

    @property
    def gate_ids(self) -> frozenset[str]:
        """Every gate that the night speaks of."""
        named = {row.gate_id for row in self.rows}
        return frozenset({*named, *self.asked, *(each.gate.rpartition("/")[2] for each in self.readings)})
