"""One candidate on one task under one decoding setting, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.domain.arm import Arm
from harness.domain.checkpoint import Checkpoint
from harness.domain.response import Outcome
from harness.domain.score import Score


class Side(StrEnum):
    """Which pan of the balance a run lies in; the anchor is a second baseline that never moves."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"
    ANCHOR = "anchor"

    @property
    def is_reference(self) -> bool:
        """Whether a candidate is compared with it."""
        return self is not Side.CANDIDATE


class RunKind(StrEnum):
    """What a run measures: replies to a task, choices of a probe, or waiting time."""

    TASK = "task"
    PROBE = "probe"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A checkpoint under an arm: the thing that a verdict is about."""

    checkpoint: Checkpoint
    arm: Arm

    def __str__(self) -> str:
        """The label and arm as users read them."""
        return f"{self.checkpoint.label} x {self.arm}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What makes a run the run it is; its `id` is unique within its gate.

    Runs with the same `pair`, one on each side, are compared item by item.  `subject` is
    the task's or the probe's name and `subject_digest` its content digest.  `item_ids`
    stand in the order in which they are asked, which is also that of the evidence, drawn
    before anything is measured.  `clusters` names the source of each, items of one source
    side by side; empty when each is its own.  `categories` names the group each counts in.
    `embedder` names the vectors by which examples are retrieved, empty where none are.
    """

    id: str
    pair: str
    kind: RunKind
    side: Side
    candidate: Candidate
    subject: str
    subject_digest: str
    item_ids: tuple[str, ...]
    clusters: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    embedder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """What one item of one run ended in, with its scores by metric name.

    A failure carries scores of 0.  `prompt_digest` is a hex sha256 of what was sent.
    """

    run_id: str
    item_id: str
    cluster: str
    outcome: Outcome
    scores: Mapping[str, Score] = field(default_factory=dict)
    prompt_digest: str = ""
    example_ids: tuple[str, ...] = ()
