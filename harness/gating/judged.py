"""What a judge said, and whether people bear it out -> the answer to a policy that asks for a judge.

A judge alone is wrong with certainty on enough items.  It gates only where it is shown to agree with
people, on what they accept and on what they reject, and then only as far as their labels correct it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.domain.judgement import Judgements
from harness.domain.manifest import GateManifest
from harness.domain.policy import JudgePolicy, Role
from harness.domain.reading import Label, Place, Reads, labels
from harness.domain.reading_summary import JudgeRow
from harness.domain.run import ItemResult
from harness.domain.suite import Suite
from harness.domain.verdict import Evidence, HypothesisTest
from harness.errors import InvalidComparison
from harness.gating.assessment import Assessment, Question
from harness.gating.readable import Answers, answers, strata
from harness.gating.reads import SUBJECT
from harness.gating.wording import interval_points, plural, points, share
from harness.stats.agreement import cohen_kappa
from harness.stats.ppi import FEWEST_LABELS
from harness.stats.proportion import clopper_pearson
from harness.stats.stratified import Stratum, p_not_below, stratified_mean, stratified_share

_SIDES = ("candidate", "baseline")


def assess_judged(
    manifest: GateManifest,
    results_of: Callable[[str], Sequence[ItemResult]],
    reads: Sequence[Reads],
    said: Judgements | None,
) -> Assessment | None:
    """Return the answer to the policy's demand on judged replies, None where it makes none."""
    asked = manifest.policy.judge
    if asked is None:
        return None
    there = answers(manifest, results_of)
    waiting = Assessment(
        question=_question(asked.role),
        finding=f"a judge has judged {_judged_count(said, there)} of {plural(len(there), 'item')}",
        aim=f"no more than {100 * asked.margin:g} points worse by the measure of people",
    )
    if not there or said is None or _judged_count(said, there) < len(there):
        return replace(waiting, shortfall="let it judge all of them, with weighbridge judge")
    pairs = {place: each for place, each in labels(reads).items() if place in there}
    pairs = {place: each for place, each in pairs.items() if each.baseline is not None}
    if len(_SIDES) * len(pairs) < FEWEST_LABELS:
        return replace(
            waiting,
            finding=f"people have read {len(_SIDES) * len(pairs)} replies in pairs",
            shortfall=f"a judge is corrected by {FEWEST_LABELS} or more, with weighbridge review",
        )
    heard = _Heard(there=there, pairs=pairs, said=said)
    return _assessment(waiting, asked, heard, alpha=manifest.policy.alpha)


def agreement(pairs: Mapping[Place, Label], said: Judgements, *, alpha: float) -> JudgeRow:
    """Return how far a judge agrees with people over the replies that both have seen.

    A tie agrees with nobody.  `low` holds for the replies that people accept and for those they
    reject, each at alpha (Clopper and Pearson); so a judge who always says yes reaches 0.
    """
    judged = {each.place: each for each in said.judgements}
    both = [
        (getattr(label, side), getattr(judged[place], side))
        for place, label in pairs.items()
        if place in judged
        for side in _SIDES
        if getattr(label, side) is not None
    ]
    of_accepted = [score for accepted, score in both if accepted]
    of_rejected = [score for accepted, score in both if not accepted]
    confirmed, refused = of_accepted.count(1.0), of_rejected.count(0.0)
    return JudgeRow(
        judge=said.judge,
        accepted=len(of_accepted),
        confirmed=confirmed,
        rejected=len(of_rejected),
        refused=refused,
        kappa=cohen_kappa([float(one) for one, _ in both], [other for _, other in both]) if both else None,
        low=min(_low(confirmed, len(of_accepted), alpha), _low(refused, len(of_rejected), alpha)),
        items=len(said.judgements),
        inconsistent=sum(not each.consistent for each in said.judgements),
        failures=sum(bool(each.failure) for each in said.judgements),
        prompt_tokens=sum(each.prompt_tokens for each in said.judgements),
        completion_tokens=sum(each.completion_tokens for each in said.judgements),
        candidate=_mean([each.candidate for each in said.judgements]),
        baseline=_mean([each.baseline for each in said.judgements]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What people and a judge said of the replies that are there."""

    there: Answers
    pairs: Mapping[Place, Label]
    said: Judgements

    @property
    def differences(self) -> list[Stratum]:
        """Candidate minus baseline, by people and by the judge."""
        people = {
            place: float(each.candidate) - float(bool(each.baseline)) for place, each in self.pairs.items()
        }
        judged = {each.place: each.candidate - each.baseline for each in self.said.judgements}
        return strata(self.there, people, judged)

    def accepted(self, side: str, alpha: float) -> float:
        """The share of a side's replies that people would accept."""
        people = {place: float(getattr(each, side)) for place, each in self.pairs.items()}
        judged = {each.place: getattr(each, side) for each in self.said.judgements}
        return stratified_share(strata(self.there, people, judged), alpha=alpha).estimate


def _assessment(waiting: Assessment, asked: JudgePolicy, heard: _Heard, *, alpha: float) -> Assessment:
    seen = agreement(heard.pairs, heard.said, alpha=alpha)
    trusted = seen.low >= asked.min_agreement
    kinds = heard.differences
    try:
        mean = stratified_mean(kinds, alpha=alpha)
        p_regressed = p_not_below(kinds, null=0.0)
        ours, theirs = (heard.accepted(side, alpha) for side in _SIDES)
    except InvalidComparison as error:
        return replace(waiting, finding="too little of a kind is read", shortfall=str(error))
    passes = mean.interval[0] > -asked.margin
    shown = HypothesisTest(name="PPI++ by strata", hypothesis=f"E d <= {-asked.margin:+.3f}", rejected=passes)
    return replace(
        waiting,
        question=_question(asked.role if trusted else Role.REPORT),
        passes=passes,
        p_regressed=p_regressed,
        finding=(
            f"people would accept {share(ours)} against {share(theirs)} of "
            f"{plural(len(heard.there), 'item')}, {points(mean.estimate)} points "
            f"({100 * (1 - 2 * alpha):g} % interval {interval_points(mean.interval)}; {mean.labels} read in "
            f"pairs, {seen.judge} relied on for {100 * mean.tuning:.0f} %)"
        ),
        shortfall="more reads would settle it, with weighbridge review",
        cautions=() if trusted else (_distrust(seen, asked),),
        evidence=Evidence(
            n=len(heard.there),
            baseline=theirs,
            candidate=ours,
            delta=mean.estimate,
            interval=mean.interval,
            tests=(shown,),
            details={"labels": float(len(_SIDES) * mean.labels), "relied_on": mean.tuning, **_details(seen)},
        ),
    )


def _details(seen: JudgeRow) -> Mapping[str, float]:
    return {
        "agreement_low": seen.low,
        "inconsistent_items": float(seen.inconsistent),
        "judge_failures": float(seen.failures),
        "judge_prompt_tokens": float(seen.prompt_tokens),
        "judge_completion_tokens": float(seen.completion_tokens),
    }


def _distrust(seen: JudgeRow, asked: JudgePolicy) -> str:
    return (
        f"only reported: {seen.judge} took {seen.confirmed} of {seen.accepted} replies that people accepted "
        f"and refused {seen.refused} of {seen.rejected} that they rejected, which does not show "
        f"{asked.min_agreement:g} of both"
    )


def _question(role: Role) -> Question:
    return Question(suite=Suite.JUDGED, subject=SUBJECT, arm="", metric="accepted share", role=role)


def _judged_count(said: Judgements | None, there: Answers) -> int:
    return 0 if said is None else sum(each.place in there for each in said.judgements)


def _low(agreed: int, n: int, alpha: float) -> float:
    return clopper_pearson(agreed, n, alpha=alpha)[0] if n else 0.0
