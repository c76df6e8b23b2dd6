"""The answer of a suite and of a gate, each with one sentence that says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.domain.policy import Role, Waiver
from harness.domain.provenance import Unlike
from harness.domain.run import Side
from harness.domain.suite import Suite


class Status(StrEnum):
    """How a question was answered."""

    PASSED = "PASSED"
    REGRESSED = "REGRESSED"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisTest:
    """One statistical test of a null hypothesis, and whether it was rejected at alpha.

    `p_value` is one-sided, None for tests that only give a bound.
    """

    name: str
    hypothesis: str
    rejected: bool
    p_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The numbers behind a verdict.

    `delta` is candidate minus baseline for scores and candidate / baseline for waiting
    time; `interval` is two-sided at 1 - 2 alpha around it.  `details` are further figures
    by name, units in the name.
    """

    n: int
    baseline: float
    candidate: float
    delta: float
    interval: tuple[float, float]
    tests: tuple[HypothesisTest, ...]
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one suite's question about one subject under one arm.

    `subject` is a task's or a probe's name, `against` the side the candidate was compared
    with.  `evidence` is None when nothing could be measured, which is always INVALID.
    `waiver` is the exception that lets a release go on in spite of the answer.  `mismatches`
    are the ways in which either side was asked unlike it was trained.
    """

    suite: Suite
    subject: str
    arm: str
    metric: str
    status: Status
    reason: str
    role: Role = Role.GATE
    evidence: Evidence | None = None
    against: Side = Side.BASELINE
    waiver: Waiver | None = None
    mismatches: tuple[Unlike, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SuiteVerdict:
    """A verdict and whether the policy lets a build go on with it."""

    verdict: Verdict
    accepted: bool

    @property
    def reason(self) -> str:
        """Status and reason, as a failing test shows them."""
        return f"{self.verdict.status}: {self.verdict.reason}"

    def __repr__(self) -> str:
        """Few words, because a failing test shows them; the evidence is in verdict.json."""
        return f"<{self.verdict.suite} on {self.verdict.subject}: {self.verdict.status}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """The answer of the whole gate, and the verdicts it was made of.

    `notes` are sentences a reader must know besides: earlier looks at the same pair,
    waivers that have run out, questions that were too small to pass.
    """

    status: Status
    reason: str
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()
