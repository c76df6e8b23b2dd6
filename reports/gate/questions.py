"""Verdicts as the figures a reader compares: what was found, between which bounds, against which margin."""

import math
from dataclasses import dataclass

from harness import Evidence, Hypothesis, Policy, Side, Suite, Verdict
from reports.gate.record import GateRecord
from reports.plain_text import harmless


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a gate in plain words and numbers.

    `change`, `low` and `high` are points for scores and the ratio candidate / baseline for
    waiting times; all three None where nothing was measured, a bound None where it is infinite.
    `margin` is what the interval is held against, in the same unit.
    """

    name: str
    suite: Suite
    status: str
    reason: str
    role: str
    waived: str
    n: int | None
    planned: int | None
    baseline: float | None
    candidate: float | None
    change: float | None
    low: float | None
    high: float | None
    margin: float | None

    @property
    def is_ratio(self) -> bool:
        """Whether the change is a ratio of waiting times."""
        return self.suite is Suite.LATENCY

    @property
    def cells(self) -> tuple[str, ...]:
        """Baseline, candidate, change, interval, margin and n as they are printed."""
        if self.change is None or self.baseline is None or self.candidate is None:
            return ("-",) * 6
        low, high = _bound(self.low, self.is_ratio), _bound(self.high, self.is_ratio)
        unit = " s" if self.is_ratio else ""
        return (
            f"{self.baseline:.3f}{unit}",
            f"{self.candidate:.3f}{unit}",
            _bound(self.change, self.is_ratio),
            f"{low} to {high}",
            _bound(self.margin, self.is_ratio) if self.margin is not None else "-",
            str(self.n) if self.n == self.planned else f"{self.n} of {self.planned}",
        )


def questions(record: GateRecord) -> tuple[Question, ...]:
    """Return the questions that the gate has answered, in its own order; none while it is unfinished."""
    verdicts = record.verdict.verdicts if record.verdict is not None else ()
    return tuple(_question(verdict, record.manifest.policy) for verdict in verdicts)


def question_name(verdict: Verdict) -> str:
    """Return what names a question to a reader."""
    arm = f" x {verdict.arm}" if verdict.arm else ""
    against = " against the anchor" if verdict.against is Side.ANCHOR else ""
    return harmless(f"{verdict.suite} on {verdict.subject}{arm}{against}", longest=120)


def _question(verdict: Verdict, policy: Policy) -> Question:
    found = verdict.evidence
    scale = 1.0 if verdict.suite is Suite.LATENCY else 100.0
    return Question(
        name=question_name(verdict),
        suite=verdict.suite,
        status=str(verdict.status),
        reason=harmless(verdict.reason),
        role=str(verdict.role),
        waived=_waived(verdict),
        n=None if found is None else found.n,
        planned=None if found is None else _planned(found),
        baseline=None if found is None else found.baseline,
        candidate=None if found is None else found.candidate,
        change=None if found is None else scale * found.delta,
        low=None if found is None else _finite(scale * found.interval[0]),
        high=None if found is None else _finite(scale * found.interval[1]),
        margin=_margin(verdict.suite, policy),
    )


def _planned(found: Evidence) -> int:
    return round(found.details.get("planned_items", found.n))


def _waived(verdict: Verdict) -> str:
    if verdict.waiver is None:
        return ""
    return harmless(f"waived until {verdict.waiver.until}: {verdict.waiver.reason}")


def _margin(suite: Suite, policy: Policy) -> float | None:
    """Return where the interval has to end, None for a floor, which is no matter of the change."""
    if suite is Suite.LATENCY:
        return policy.latency.p50_ratio
    if suite is Suite.HUMAN_READS:
        return 0.0
    if suite is Suite.JUDGED:
        return None if policy.judge is None else -100 * policy.judge.margin
    if suite is Suite.FORGETTING:
        return -100 * policy.forgetting.margin
    paired = policy.target_metric if suite is Suite.TARGET_METRIC else policy.schema_validity
    if paired.hypothesis is Hypothesis.FLOOR:
        return None
    sign = 1 if paired.hypothesis is Hypothesis.SUPERIORITY else -1
    return sign * 100 * paired.margin


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _bound(number: float | None, is_ratio: bool) -> str:  # noqa: FBT001 - private, and read at its calls
    if number is None:
        return "∞"
    return f"x {number:.2f}" if is_ratio else f"{number:+.1f}"
