"""Whether what a checkpoint is asked, or what it scores, has moved away from what it was trained for."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from harness.errors import UsageError


class Shift(StrEnum):
    """What was shown of the inputs."""

    SHIFTED = "shifted"
    STEADY = "steady"
    OPEN = "undecided"


class Remedy(StrEnum):
    """What to do about a checkpoint."""

    KEEP = "KEEP"
    RETRAIN = "RETRAIN"
    LOOK_AGAIN = "LOOK AGAIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A live input that is far from everything known, and the nearest that is; `cosine` in [-1, 1]."""

    text: str
    nearest_id: str
    nearest_text: str
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FarShare:
    """Which share of live inputs lies farther from a pool than 95 % of its yardstick do, so 5 % expected.

    `count` of `inputs` are far; `interval` of the share is two-sided at 1 - 2 alpha.
    """

    count: int
    inputs: int
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDrift:
    """Distinct live inputs against the distinct inputs of training.

    `repeats` live inputs said what another one says, and `undrawn` were more than can be compared.
    `p_value` is of H0: one distribution.  `recognised` is how often, of one live and one trained
    input, the live one is told, 0.5 being guessing, with its two-sided 1 - 2 `alpha` interval.
    `power` is how often the test would have found a planted shift, None where one was found.
    `strangest` come with what was trained on that is nearest to them.
    """

    live: int
    repeats: int
    undrawn: int
    trained: int
    alpha: float
    p_value: float
    recognised: float
    recognised_interval: tuple[float, float]
    power: float | None
    far: FarShare
    strangest: tuple[Stranger, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldState:
    """The gold pool: `digest` is a hex sha256, `changed_on` when its files last changed, None if unknown.

    `far` is the share of live inputs without a near gold example, by the yardstick of the task's
    items, None where the pool is empty or there are too few items.
    """

    digest: str
    size: int
    changed_on: date | None
    far: FarShare | None
    strangest: tuple[Stranger, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreStep:
    """The last lasting step of a recorded series: what it is of, the day, and the means around it."""

    series: str
    on: date
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Who answers for a checkpoint, when it was trained, and how often it is trained anew.

    `trained_on` is None where nobody knows.  What is urgent is due within `grace_days`.
    """

    owner: str
    trained_on: date | None = None
    every_days: int = 90
    grace_days: int = 14

    def __post_init__(self) -> None:
        """Refuse a schedule without a person or without days."""
        if not self.owner.strip():
            raise UsageError(
                "nobody is named who answers for the checkpoint: give --owner NAME, or name one when training"
            )
        if min(self.every_days, self.grace_days) < 1:
            raise UsageError(
                f"--every-days is {self.every_days} and --within-days {self.grace_days}: use 1 or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What to do, who does it and by when; `reasons` are sentences, the weightiest first."""

    remedy: Remedy
    owner: str
    due: date
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """One look at live inputs: what of, when, what was found, and what follows from it.

    `checkpoint` is its label, empty where none was named; `series` counts the recorded series
    that were looked at for `steps`.
    """

    looked_on: date
    checkpoint: str
    live_file: str
    data_digest: str
    embedder: str
    shift: Shift
    inputs: InputDrift
    gold: GoldState | None
    series: int
    steps: tuple[ScoreStep, ...]
    recommendation: Recommendation
