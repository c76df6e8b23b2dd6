"""Which rung of the ladder to stand on, and whether training has earned its place; with the evidence."""

from dataclasses import dataclass
from enum import StrEnum

from harness.domain.suite import Suite
from harness.domain.verdict import Status
from harness.errors import UsageError

_LEAST = 0.005
"""Less than half a point is a share that was given for points."""


class Holder(StrEnum):
    """Who is asked on a rung, cheapest first."""

    BASE = "base"
    STRONGER = "stronger"
    TUNED = "tuned"

    @property
    def is_trained(self) -> bool:
        """Whether the rung takes training."""
        return self is Holder.TUNED


class Ruling(StrEnum):
    """Whether fine-tuning has earned its place."""

    TRAIN = "TRAIN"
    DO_NOT_TRAIN = "DO NOT TRAIN"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"


class Footing(StrEnum):
    """What was shown of a rung."""

    HOLDS = "good enough"
    SHORT = "falls short"
    OPEN = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderTerms:
    """What a decision is held to, as differences of the mean score in (0, 1).

    `gain` is what training must add to every prompt to be worth it, `margin` what a cheaper
    rung may lack of another one of its kind.  With `finalists` the tuned rung must besides pass the
    other suites against the best prompt of the base.
    """

    gain: float = 0.05
    margin: float = 0.05
    finalists: bool = False

    def __post_init__(self) -> None:
        """Refuse what would let a prompt be good enough and training be worth it at once."""
        for name, value in (("gain", self.gain), ("margin", self.margin)):
            if not _LEAST <= value < 1.0:
                raise UsageError(
                    f"--{name} is {100 * value:g} points: use from 0.5 to less than 100, for example 5 for "
                    "0.05 of the score"
                )
        if self.gain < self.margin:
            raise UsageError(
                f"--gain is {100 * self.gain:g} points and --margin {100 * self.margin:g}: training that "
                "gains less than is tolerated as a loss could never be worth it; use a gain of the margin or "
                "more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A checkpoint under an arm, as a step of the ladder."""

    holder: Holder
    arm: str

    def __str__(self) -> str:
        """The holder and arm as users read them."""
        return f"{self.holder} x {self.arm}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RungResult:
    """What was measured on a rung and shown of it.

    `score` and `valid` are the mean target metric and the share of schema-valid replies.
    `behind_prompts` and `behind_tuned` are upper bounds of what it lacks of the best other
    rung without and with training, as differences of means, below 0 where it is shown to be
    better than each; None where there is no such other rung.
    """

    rung: Rung
    score: float
    valid: float
    footing: Footing
    behind_prompts: float | None
    behind_tuned: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One question of the factorial: what a change adds to the mean score, and how surely.

    `interval` holds together with those of all other contrasts of the decision.
    """

    name: str
    delta: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalVerdict:
    """What one of the other suites said of the finalists, `subject` being a task or a probe.

    One that does not count is only reported, or waived.
    """

    suite: Suite
    subject: str
    status: Status
    reason: str
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finals:
    """The tuned rung against the best prompt of the base in the other suites: the gate `gate_id`.

    `status` and `reason` are the gate's.
    """

    gate_id: str
    tuned: Rung
    base: Rung
    status: Status
    reason: str
    verdicts: tuple[FinalVerdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Where to stand on the ladder, whether training earned its place, and what would change that.

    `reason` is one sentence.  `stands_on` is None where no rung was shown to be good enough, which
    may be so while whether to train is settled.
    `rungs` are in the order of what they cost.  `confidence` is that of all intervals together.
    `diagnosis` says whether the perfect paragraph closes the gap, where it was asked, and `finals`
    what the other suites said, where the ladder came to TRAIN and they were asked.
    """

    ruling: Ruling
    reason: str
    terms: LadderTerms
    confidence: float
    stands_on: Rung | None = None
    items: int = 0
    rungs: tuple[RungResult, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    would_change: tuple[str, ...] = ()
    diagnosis: str = ""
    notes: tuple[str, ...] = ()
    finals: Finals | None = None
