"""Recorded results -> the gate's verdict; the same on the day and on replay."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.domain.judgement import Judgements
from harness.domain.manifest import GateManifest
from harness.domain.reading import Reads
from harness.domain.run import ItemResult
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict
from harness.errors import InvalidComparison, UnpairedRuns
from harness.gating.assessment import Assessment
from harness.gating.compare import compare, require_all
from harness.gating.conditions import ConditionsOf
from harness.gating.instrument import believed
from harness.gating.judged import assess_judged
from harness.gating.paired import assess_paired
from harness.gating.provenance import cautioned, provenance_notes
from harness.gating.questions import Asked, paired_policy, questions, rules_for, unanswerable
from harness.gating.reads import assess_reads
from harness.gating.settle import settle, terms_of
from harness.gating.waiting import assess_waiting
from harness.gating.wording import plural

ResultsOf = Callable[[str], Sequence[ItemResult]]
"""Gives the results of a run by its id."""

SERVERS_APART = "servers_apart"
"""Key of the manifest's environment that says why waiting times cannot be compared."""


def decide(
    manifest: GateManifest,
    results_of: ResultsOf,
    conditions_of: ConditionsOf | None = None,
    reads: Sequence[Reads] = (),
    said: Judgements | None = None,
) -> GateVerdict:
    """Return the verdict on everything the manifest says was to be measured.

    Results that are missing or cannot be compared make their question INVALID, and so do
    waiting times that `conditions_of` does not vouch for; without it they are taken as read.
    `reads` are what people made of the replies and `said` what a judge did, where the policy asks
    for that.
    """
    every = questions(manifest)
    found = [_assess(asked, manifest, results_of, conditions_of) for asked in every]
    assessments = [
        cautioned(one, asked, manifest.provenance)
        for one, asked in zip(_excuse_the_unfinished(found, manifest), every, strict=True)
    ]
    assessments += [Assessment(question=lone, invalid=why) for lone, why in unanswerable(manifest)]
    afterwards = (
        assess_judged(manifest, results_of, reads, said),
        assess_reads(manifest, results_of, reads),
    )
    assessments += [each for each in afterwards if each is not None]
    verdict = settle(assessments, terms_of(manifest))
    return replace(verdict, notes=(*_notes(manifest), *verdict.notes))


def _assess(
    asked: Asked, manifest: GateManifest, results_of: ResultsOf, conditions_of: ConditionsOf | None
) -> Assessment:
    question = asked.question
    try:
        one, other = results_of(asked.reference.id), results_of(asked.candidate.id)
        if question.suite is Suite.LATENCY:
            assessment = _assess_waiting(asked, manifest, one, other)
            stretches = conditions_of and conditions_of(asked.candidate.pair)
            return believed(assessment, (one, other), manifest.policy.latency, stretches)
        assessment = _assess_pairs(asked, manifest, one, other)
    except InvalidComparison as error:
        return Assessment(question=question, invalid=str(error))
    why = manifest.underpowered.get(question.key)
    if why is not None and assessment.passes:
        return replace(assessment, passes=False, shortfall=f"it was measured too small to pass: {why}")
    return assessment


def _assess_pairs(
    asked: Asked, manifest: GateManifest, one: Sequence[ItemResult], other: Sequence[ItemResult]
) -> Assessment:
    question, run = asked.question, asked.candidate
    policy = paired_policy(question.suite, manifest.policy)
    comparison = compare(one, other, metric=question.metric, run=run)
    if comparison is not None:
        assessment = assess_paired(
            comparison, policy, question, rules_for(asked, manifest), planned=len(run.item_ids)
        )
        if assessment is not None:
            return assessment
    for side, results in ((asked.reference.side, one), (run.side, other)):
        known = {result.item_id for result in results if question.metric in result.scores}
        require_all(known, run.item_ids, side=side, wanted=question.metric)
    raise UnpairedRuns(f"{run.id} plans no items: begin the gate anew")


def _assess_waiting(
    asked: Asked, manifest: GateManifest, one: Sequence[ItemResult], other: Sequence[ItemResult]
) -> Assessment:
    apart = manifest.environment.get(SERVERS_APART)
    if apart:
        return Assessment(question=asked.question, invalid=apart)
    for run, results in ((asked.reference, one), (asked.candidate, other)):
        known = {result.item_id for result in results}
        require_all(known, asked.candidate.item_ids, side=run.side, wanted=asked.question.metric)
    return assess_waiting(one, other, manifest.policy.latency, asked.question, rules_for(asked, manifest))


def _excuse_the_unfinished(assessments: list[Assessment], manifest: GateManifest) -> list[Assessment]:
    """Where the first regression ends the gate, what was left open is without an answer, not INVALID."""
    terms = terms_of(manifest)
    ended = manifest.policy.stop_at_first_regression and any(
        one.regressed and one.invalid is None and terms.blocks(one.question) for one in assessments
    )
    if not ended:
        return assessments
    return [
        one
        if one.invalid is None or one.evidence is not None
        else Assessment(
            question=one.question,
            finding="not measured to the end",
            aim="any better or worse",
            shortfall="another question had regressed, and the policy ends a gate there",
        )
        for one in assessments
    ]


def _notes(manifest: GateManifest) -> tuple[str, ...]:
    """What a reader must know besides the verdict: earlier looks, and how the sides were trained."""
    return (*_looks(manifest), *provenance_notes(manifest.provenance))


def _looks(manifest: GateManifest) -> tuple[str, ...]:
    if not manifest.earlier:
        return ()
    looks = len(manifest.earlier) + 1
    before = ", ".join(str(look.status) for look in manifest.earlier)
    chance = 1 - (1 - manifest.policy.alpha) ** looks
    told = (
        f"this is look {looks} at these checkpoints on these questions (before: {before}); a checkpoint "
        f"that lies at the margin passes one of {plural(looks, 'look')} with probability up to "
        f"{100 * chance:.0f} %, so let the first look count, or change the checkpoint"
    )
    return (told,)
