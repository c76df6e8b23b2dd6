"""Manifest -> the questions of a gate, each with the two runs that answer it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from harness.domain.manifest import GateManifest
from harness.domain.policy import Hypothesis, PairedPolicy, Policy, Role
from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.suite import Suite
from harness.errors import InvalidComparison
from harness.gating.assessment import Question
from harness.gating.rules import Rules

METRIC = {Suite.TARGET_METRIC: "target", Suite.SCHEMA_VALIDITY: "schema", Suite.FORGETTING: "choice"}
"""The metric that each suite looks at; the latency suite looks at quantiles of several."""

KIND = {
    Suite.TARGET_METRIC: RunKind.TASK,
    Suite.SCHEMA_VALIDITY: RunKind.TASK,
    Suite.FORGETTING: RunKind.PROBE,
    Suite.LATENCY: RunKind.LATENCY,
}
"""The kind of run that answers each suite that is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question and the runs of both sides."""

    question: Question
    reference: RunSpec
    candidate: RunSpec


def questions(manifest: GateManifest) -> tuple[Asked, ...]:
    """Return every question of the gate, suite by suite."""
    return asked_of(manifest.runs, manifest.suites, manifest.policy)


def asked_of(runs: Sequence[RunSpec], suites: Sequence[Suite], policy: Policy) -> tuple[Asked, ...]:
    """Return every question that the suites ask of the runs, suite by suite."""
    return tuple(
        Asked(
            question=_question(suite, reference, candidate, policy),
            reference=reference,
            candidate=candidate,
        )
        for suite in suites
        for reference, candidate in run_pairs(runs)
        if candidate.kind is KIND[suite] and is_compared(suite, reference.side, policy)
    )


def is_compared(suite: Suite, side: Side, policy: Policy) -> bool:
    """Return whether a suite compares the candidate with `side`.

    Waiting times and a floor that is all that is asked know no anchor: the one is measured
    in turns with the baseline, the other looks at the candidate alone.
    """
    if side is not Side.ANCHOR:
        return True
    return suite is not Suite.LATENCY and paired_policy(suite, policy).hypothesis is not Hypothesis.FLOOR


def unanswerable(manifest: GateManifest) -> Iterator[tuple[Question, str]]:
    """Yield what the suites were to ask and no two runs answer, with a sentence that says so.

    Such a question must not drop out of the verdict unseen.
    """
    answered = {(asked.question.suite, asked.candidate.id) for asked in questions(manifest)}
    for suite in manifest.suites:
        runs = [run for run in manifest.runs if run.side is Side.CANDIDATE and run.kind is KIND[suite]]
        if not runs:
            none = Question(
                suite=suite,
                subject="nothing",
                arm="",
                metric=_metric(suite),
                role=_role(suite, manifest.policy),
            )
            yield none, "no run was planned for this suite; begin the gate anew with something to ask"
        for run in runs:
            if (suite, run.id) not in answered:
                lone = replace(_question(suite, run, run, manifest.policy), against=Side.BASELINE)
                yield lone, f"{run.id} was compared with nothing; begin the gate anew with a baseline"


def run_pairs(runs: Sequence[RunSpec]) -> tuple[tuple[RunSpec, RunSpec], ...]:
    """Return (reference, candidate) for every pair that has both: all baselines, then all anchors."""
    return tuple(pair for side in (Side.BASELINE, Side.ANCHOR) for pair in _pairs_with(side, runs))


def paired_policy(suite: Suite, policy: Policy) -> PairedPolicy:
    """Return what `policy` demands of a suite that pairs scores."""
    match suite:
        case Suite.TARGET_METRIC:
            return policy.target_metric
        case Suite.SCHEMA_VALIDITY:
            return policy.schema_validity
        case Suite.FORGETTING:
            asked = policy.forgetting
            return PairedPolicy(margin=asked.margin, max_lost=asked.max_lost, role=asked.role)
        case Suite.LATENCY:
            raise InvalidComparison(
                "waiting times are compared by ratio, not by margin: use the latency policy"
            )
        case Suite.HUMAN_READS | Suite.JUDGED:
            raise InvalidComparison(f"{suite} is asked of readers and pairs no scores: use its own policy")
        case _:
            assert_never(suite)


def rules_for(asked: Asked, manifest: GateManifest) -> Rules:
    """Return what holds for one question: the looks for REGRESSED are shared by its whole family."""
    policy = manifest.policy
    family = [
        each
        for each in questions(manifest)
        if each.question.role is asked.question.role and each.question.suite is not Suite.LATENCY
    ]
    clusters = asked.candidate.clusters
    return Rules(
        alpha=policy.alpha,
        seed=policy.seed,
        max_failed_share=policy.max_failed_share,
        sequential=policy.sequential,
        questions=max(1, len(family)),
        largest_cluster=max(map(clusters.count, set(clusters)), default=1),
        pooled=len(set(asked.candidate.categories)) > 1,
    )


def _pairs_with(side: Side, runs: Sequence[RunSpec]) -> Iterator[tuple[RunSpec, RunSpec]]:
    references = {run.pair: run for run in runs if run.side is side}
    for run in runs:
        if run.side is Side.CANDIDATE and run.pair in references:
            yield references[run.pair], run


def _question(suite: Suite, reference: RunSpec, candidate: RunSpec, policy: Policy) -> Question:
    return Question(
        suite=suite,
        subject=candidate.subject,
        # A probe is asked without an arm.
        arm="" if suite is Suite.FORGETTING else str(candidate.candidate.arm),
        metric=_metric(suite),
        role=_role(suite, policy),
        against=reference.side,
    )


def _metric(suite: Suite) -> str:
    return METRIC.get(suite, "waiting time")


def _role(suite: Suite, policy: Policy) -> Role:
    return policy.latency.role if suite is Suite.LATENCY else paired_policy(suite, policy).role
