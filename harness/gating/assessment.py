"""What the tests say of one question, before the family of questions is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.domain.policy import Role
from harness.domain.provenance import Unlike
from harness.domain.run import Side
from harness.domain.suite import Suite
from harness.domain.verdict import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which suite asks, of what subject, under which arm, on which metric, against whom."""

    suite: Suite
    subject: str
    arm: str
    metric: str
    role: Role
    against: Side = Side.BASELINE

    @property
    def key(self) -> str:
        """One text that names the question within its gate."""
        return f"{self.suite}/{self.subject}/{self.arm}/{self.against}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The answer of the tests to one question.

    `passes` tells whether the hypothesis of the policy was shown at alpha, `regressed`
    whether a rule or a sequential test with an error rate of its own has answered the
    other way.  Where neither did, `p_regressed` is the one-sided p-value, in [0, 1], of "no
    worse than the baseline", and `alarms` are those of single categories; none is adjusted
    for other questions yet.  `invalid` says in a sentence why the numbers must not be used.
    `finding` states the numbers, `aim` what had to be shown, `shortfall` what is missing.

    `cautions` are said with whatever the answer is, `mismatches` naming those of them that tell of a
    side asked unlike it was trained; with `has_cause` the first explains a regression.
    """

    question: Question
    passes: bool = False
    regressed: bool = False
    p_regressed: float = 1.0
    alarms: Mapping[str, float] = field(default_factory=dict)
    finding: str = ""
    aim: str = ""
    shortfall: str = ""
    why_regressed: str = "worse than the baseline"
    invalid: str | None = None
    evidence: Evidence | None = None
    cautions: tuple[str, ...] = ()
    mismatches: tuple[Unlike, ...] = ()
    has_cause: bool = False
