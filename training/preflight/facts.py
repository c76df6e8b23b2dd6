"""What is known before training, as far as it is known; None stands for what is not."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from harness import Arm


class Motivation(StrEnum):
    """What training is good for, and prompting is not."""

    STRICT_FORMAT = "strict-format"
    STYLE = "style"
    DISTILLATION = "distillation"
    PRIVATE_DOMAIN = "private-domain"
    LATENCY = "latency"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """One finished run on the task: `mean` is that of the target metric over `items`, in [0, 1].

    `answered` of the items got a reply; `half_width` is that of a 95 % interval around the
    mean.  `temperature` is the one that replies were drawn at.
    """

    gate_id: str
    checkpoint: str
    checkpoint_digest: str
    arm: Arm
    temperature: float
    items: int
    answered: int
    mean: float
    half_width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSeen:
    """What an audit file tells: which examples it is about, what it found, and who read it.

    `forbidding` of the findings have to be mended before anything is trained; `read_by` is
    empty where nobody says so.
    """

    data_digest: str | None
    findings: int | None
    forbidding: int
    read_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSeen:
    """What a review file tells: which examples it is about, how many were read and accepted."""

    data_digest: str | None
    read: int | None
    accepted_share: float | None
    reviewer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """The day schema or labels of a task last changed, and `told_by` what: git or file times."""

    on: date
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The training examples: where they lie, their digest and number, and what they allow.

    `overlapping` are the ids of evaluation items that are among them.  `have_inputs` tells
    whether each can be rendered under any arm.
    """

    path: str
    digest: str
    examples: int
    have_inputs: bool
    overlapping: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What only a person can say; each may be left unsaid.

    `target` is the mean of the target metric that training is to reach, in (0, 1].
    """

    motivation: Motivation | None = None
    owner: str = ""
    target: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the checklist is answered from.

    `runs` are those of the base on this very task, `stronger_runs` those of the model named
    as stronger; `results` is the folder they were read from, as it is typed.
    """

    base: str
    task: str
    task_folder: str
    results: str
    today: date
    intent: Intent
    data: Data | None = None
    evaluation_items: int | None = None
    runs: tuple[RecordedRun, ...] = ()
    stronger: str | None = None
    stronger_runs: tuple[RecordedRun, ...] = ()
    audit: AuditSeen | None = None
    review: ReviewSeen | None = None
    labels: LabelChange | None = None
    stable_days: int = 30
