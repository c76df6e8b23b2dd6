"""What a gate demands: a hypothesis, a margin and a floor for every suite."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from harness.domain.objective import Objective
from harness.domain.suite import Suite


class Hypothesis(StrEnum):
    """What PASSED has to show."""

    NON_INFERIORITY = "non-inferiority"
    SUPERIORITY = "superiority"
    FLOOR = "floor"


class OnContamination(StrEnum):
    """What becomes of a gate whose items were trained on."""

    REFUSE = "refuse"
    EXCLUDE = "exclude"


class OnMismatch(StrEnum):
    """What becomes of a gate that would ask a checkpoint unlike it was trained."""

    REFUSE = "refuse"
    REPORT = "report"


class Role(StrEnum):
    """Whether a suite can block a release or is only shown."""

    GATE = "gate"
    REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedPolicy:
    """Demands on a paired metric.

    `margin` in (0, 1): the loss that is tolerated (non-inferiority) or the gain that must
    be shown (superiority).  `floor` in [0, 1): the mean that the candidate must be shown to
    lie above, besides the hypothesis or, with the hypothesis FLOOR, instead of it.
    `max_lost` is the greatest number of items on which the candidate may do worse; it is a
    rule about these items and has no error rate.
    """

    hypothesis: Hypothesis = Hypothesis.NON_INFERIORITY
    margin: float = 0.05
    floor: float | None = None
    max_lost: int | None = None
    role: Role = Role.GATE


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgettingPolicy:
    """Demands on the probes; `items` is how many of each are asked, None for all.

    With `pooled` the probes pass together, as one question, and each can still raise the
    alarm alone: the way to ask many small probes.  `max_lost` counts as in `PairedPolicy`.
    """

    probes: tuple[str, ...] = ("arc_easy", "piqa")
    items: int | None = 100
    margin: float = 0.05
    max_lost: int | None = None
    pooled: bool = False
    role: Role = Role.GATE


class Load(StrEnum):
    """What makes requests come: a slot that is free, or an instant of a schedule."""

    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyPolicy:
    """Demands on waiting time: the ratio candidate / baseline a quantile may reach.

    `metrics` are among ttft_s, tpot_s, e2e_s.  A closed loop keeps `concurrency` requests in
    flight; an open one begins `rate_per_s` a second, of both sides together, at instants of
    a Poisson process.  `pairs` is how many items are asked of both sides.  Goodput is the
    share of requests that met `slo_ttft_s` and `slo_tpot_s`; it is shown and gates nothing.
    """

    metrics: tuple[str, ...] = ("ttft_s", "e2e_s")
    p50_ratio: float = 1.10
    p95_ratio: float = 1.25
    concurrency: int = 2
    pairs: int = 500
    max_tokens: int = 32
    role: Role = Role.GATE
    mode: Load = Load.CLOSED
    rate_per_s: float = 1.0
    slo_ttft_s: float = 2.0
    slo_tpot_s: float = 0.1

    @property
    def objective(self) -> Objective:
        """What a request has to meet to count as good."""
        return Objective(ttft_s=self.slo_ttft_s, tpot_s=self.slo_tpot_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsPolicy:
    """Demands on what people made of the candidate's replies.

    At least `required` replies, or all of fewer, must have been read, and the share of them that
    was accepted must be `min_accepted`, in (0, 1], or more.  Both are rules about what was read
    and have no error rate.
    """

    required: int = 50
    min_accepted: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePolicy:
    """Demands on the share of replies that people would accept, estimated with a judge's help.

    `margin` in (0, 1) is the loss that is tolerated.  The judge gates only when it is shown to
    agree with people on at least `min_agreement`, in (0, 1), of the replies they accept and of
    those they reject; otherwise its figures are reported.
    """

    margin: float = 0.05
    min_agreement: float = 0.7
    role: Role = Role.GATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A known failing that a release may have until a day, that day included, and why.

    An empty `subject` or `arm` covers all of the suite's.  It never covers INVALID.
    """

    suite: Suite
    until: date
    reason: str
    subject: str = ""
    arm: str = ""

    def covers(self, suite: Suite, subject: str, arm: str) -> bool:
        """Return whether the question is among those it was written for."""
        return self.suite is suite and self.subject in ("", subject) and self.arm in ("", arm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole of what a gate demands.

    `alpha` in (0, 0.5) is the one-sided error rate, `power` in (0, 1) the probability
    with which a checkpoint as good as its baseline shall pass the whole gate.  `items` is
    the most that are asked of a task; with `sequential` a question ends as soon as it is
    answered, and with `stop_at_first_regression` so does the gate.  `max_failed_share` in
    [0, 1) is the share of requests that may fail for reasons that are not the model's before a
    verdict is INVALID.  `accept_inconclusive` lets a build pass without an answer.
    `anchor` names a frozen release that is compared with besides the baseline.
    `temperature` overrides that of the tasks.  `contamination` says whether items that were
    trained on are refused or left out, `mismatch` whether a checkpoint may be asked unlike it
    was trained.  `reads` of None asks for no human reads, `judge`
    of None for no judge.
    """

    alpha: float = 0.05
    power: float = 0.95
    seed: int = 0
    items: int | None = 150
    sequential: bool = True
    stop_at_first_regression: bool = False
    max_failed_share: float = 0.02
    accept_inconclusive: bool = False
    anchor: str | None = None
    temperature: float | None = None
    contamination: OnContamination = OnContamination.REFUSE
    mismatch: OnMismatch = OnMismatch.REFUSE
    target_metric: PairedPolicy = field(default_factory=PairedPolicy)
    schema_validity: PairedPolicy = field(default_factory=PairedPolicy)
    forgetting: ForgettingPolicy = field(default_factory=ForgettingPolicy)
    latency: LatencyPolicy = field(default_factory=LatencyPolicy)
    reads: ReadsPolicy | None = None
    judge: JudgePolicy | None = None
    waivers: tuple[Waiver, ...] = ()

    @property
    def asks_people(self) -> bool:
        """Whether what people make of the replies counts, read by themselves or with a judge's help."""
        return self.reads is not None or self.judge is not None
