"""Assessments -> verdicts and the gate's verdict, with the error rates of the whole family."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from harness.domain.manifest import GateManifest
from harness.domain.policy import Policy, Role, Waiver
from harness.domain.run import Side
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status, SuiteVerdict, Verdict
from harness.gating.assessment import Assessment, Question
from harness.gating.wording import plural
from harness.stats.multiplicity import holm

_WAIVABLE = {Status.REGRESSED, Status.INCONCLUSIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds when a gate is settled.

    `alpha` is the family's error rate for REGRESSED, what the looks were given already taken
    off.  Waivers count when their day has not passed `on`; without a day none counts.
    """

    alpha: float
    waivers: tuple[Waiver, ...] = ()
    on: date | None = None

    @property
    def standing(self) -> tuple[Waiver, ...]:
        """The waivers that still count."""
        return tuple(waiver for waiver in self.waivers if self.on is not None and self.on <= waiver.until)

    def waiver(self, question: Question) -> Waiver | None:
        """Return the waiver that lets a release go on in spite of a bad answer to `question`."""
        covering = (
            waiver
            for waiver in self.standing
            if waiver.covers(question.suite, question.subject, question.arm)
        )
        return next(covering, None)

    def blocks(self, question: Question) -> bool:
        """Return whether a bad answer to `question` would hold a release up."""
        return question.role is Role.GATE and self.waiver(question) is None


def terms_of(manifest: GateManifest) -> Terms:
    """Return what holds when the gate of `manifest` is settled; waivers count by the day it was begun."""
    policy = manifest.policy
    return Terms(
        alpha=policy.alpha / 2 if policy.sequential else policy.alpha,
        waivers=policy.waivers,
        on=datetime.fromisoformat(manifest.created_at).date(),
    )


def settle(assessments: Sequence[Assessment], terms: Terms) -> GateVerdict:
    """Return the gate's verdict: PASSED when all gating questions pass, each at alpha.

    That is the intersection-union test (Berger, Technometrics 24 (1982) 295-300).
    REGRESSED when any gating question has regressed by a test of its own, or is rejected
    after Holm over all that are left (Holm, Scandinavian Journal of Statistics 6 (1979)
    65-70); otherwise INVALID when any could not be measured, otherwise INCONCLUSIVE.  What
    is waived blocks nothing.  A gate in which nothing can block a release is INVALID.
    Questions that are only reported are a family of their own, and so is what people read,
    which is a rule and no test.
    """
    families: dict[tuple[Role, bool], list[Assessment]] = {}
    for each in assessments:
        asked = each.question
        families.setdefault((asked.role, asked.suite is Suite.HUMAN_READS), []).append(each)
    verdicts = {id(one): verdict for family in families.values() for one, verdict in _family(family, terms)}
    ordered = tuple(verdicts[id(one)] for one in assessments)
    gating = tuple(verdict for verdict in ordered if verdict.role is Role.GATE)
    blocking = tuple(verdict for verdict in gating if verdict.waiver is None)
    status = _overall(blocking)
    reason = _why(status, blocking, waived=len(gating) - len(blocking))
    return GateVerdict(status=status, reason=reason, verdicts=ordered, notes=_waiver_notes(ordered, terms))


def accept(verdict: Verdict, policy: Policy) -> SuiteVerdict:
    """Return whether `policy` lets a build go on with `verdict`.

    Only PASSED does, unless the suite is merely reported, a waiver covers it, or the policy
    accepts having no answer; INVALID never does for a suite that gates.
    """
    accepted = (
        verdict.status is Status.PASSED
        or verdict.role is Role.REPORT
        or verdict.waiver is not None
        or (verdict.status is Status.INCONCLUSIVE and policy.accept_inconclusive)
    )
    return SuiteVerdict(verdict=verdict, accepted=accepted)


def _family(family: Sequence[Assessment], terms: Terms) -> list[tuple[Assessment, Verdict]]:
    """Holm over every p-value of the family, those of single categories among them."""
    p_values = [p for one in family for p in _p_values(one)]
    if not p_values:
        return []
    adjusted = iter(holm(p_values))
    judged = []
    for one in family:
        mine = {name: next(adjusted) for name in ("", *_open_alarms(one))}
        judged.append((one, _verdict(one, mine, terms)))
    return judged


def _p_values(one: Assessment) -> tuple[float, ...]:
    """What a question adds to the family: nothing but a 1 when it was answered another way."""
    answered = one.invalid is not None or one.regressed
    return (1.0 if answered else one.p_regressed, *_open_alarms(one).values())


def _open_alarms(one: Assessment) -> dict[str, float]:
    return {} if one.invalid is not None or one.regressed else dict(one.alarms)


def _verdict(one: Assessment, adjusted: dict[str, float], terms: Terms) -> Verdict:
    status, reason = _answer(one, adjusted, terms.alpha)
    question = one.question
    return Verdict(
        suite=question.suite,
        subject=question.subject,
        arm=question.arm,
        metric=question.metric,
        role=question.role,
        status=status,
        reason=_with_cautions(reason, status, one),
        evidence=one.evidence,
        against=question.against,
        waiver=terms.waiver(question) if status in _WAIVABLE else None,
        mismatches=one.mismatches,
    )


def _answer(one: Assessment, adjusted: dict[str, float], alpha: float) -> tuple[Status, str]:
    if one.invalid is not None:
        return Status.INVALID, one.invalid
    if one.regressed:
        return Status.REGRESSED, f"{one.finding}: {one.why_regressed}"
    alarmed = {name: p for name, p in adjusted.items() if name and p <= alpha}
    if alarmed:
        worst = min(alarmed, key=alarmed.__getitem__)
        told = f"worse than the {one.question.against} on {worst} (p = {alarmed[worst]:.2g} after Holm)"
        return Status.REGRESSED, f"{one.finding}: {told}"
    if one.passes:
        return Status.PASSED, f"{one.finding}: shown to be {one.aim}"
    if adjusted[""] <= alpha:
        told = f"{one.why_regressed} (p = {adjusted['']:.2g} after Holm)"
        return Status.REGRESSED, f"{one.finding}: {told}"
    return Status.INCONCLUSIVE, f"{one.finding}: not shown to be {one.aim}; {one.shortfall}"


def _with_cautions(reason: str, status: Status, one: Assessment) -> str:
    if not one.cautions:
        return reason
    first, *others = one.cautions
    explains = status is Status.REGRESSED and one.has_cause
    return "; ".join((reason, f"probable cause: {first}" if explains else first, *others))


WORST_FIRST = (Status.REGRESSED, Status.INVALID, Status.INCONCLUSIVE, Status.PASSED)
"""What one bad answer makes of a whole."""


def _overall(blocking: Sequence[Verdict]) -> Status:
    found = {verdict.status for verdict in blocking}
    if not found:
        return Status.INVALID
    return min(found, key=WORST_FIRST.index)


def _why(status: Status, blocking: Sequence[Verdict], *, waived: int) -> str:
    excepted = f"; {plural(waived, 'question')} waived" if waived else ""
    if not blocking:
        return f"nothing was compared that can block a release: select at least one gating suite{excepted}"
    if status is Status.PASSED:
        told = f"all {plural(len(blocking), 'gating question')} passed"
        return (told if len(blocking) > 1 else blocking[0].reason) + excepted
    named = [verdict for verdict in blocking if verdict.status is status]
    more = f" ({plural(len(named) - 1, 'more question')} likewise)" if len(named) > 1 else ""
    return f"{where(named[0])}: {named[0].reason}{more}{excepted}"


def where(asked: Question | Verdict) -> str:
    """Return which question is asked, or answered by a verdict, in words."""
    arm = f" x {asked.arm}" if asked.arm else ""
    against = " against the anchor" if asked.against is Side.ANCHOR else ""
    return f"{asked.suite} on {asked.subject}{arm}{against}"


def _waiver_notes(verdicts: Sequence[Verdict], terms: Terms) -> tuple[str, ...]:
    used = [
        f"{where(one)} is {one.status} and waived until {one.waiver.until}: {one.waiver.reason}"
        for one in verdicts
        if one.waiver is not None
    ]
    expired = [
        f"the waiver for {waiver.suite} ran out on {waiver.until} and no longer counts: {waiver.reason}"
        for waiver in terms.waivers
        if waiver not in terms.standing
    ]
    return (*used, *expired)
