from dataclasses import replace

import pytest

from harness.domain.policy import Hypothesis, PairedPolicy, Policy
from harness.domain.suite import Suite
from harness.domain.verdict import Evidence, GateVerdict, Status, Verdict
from reports.gate.questions import questions
from reports.gate.record import GateRecord
from tests.unit.reports.gate.conftest import MakeRecord

VERDICT = Verdict(
    suite=Suite.TARGET_METRIC,
    subject="sums",
    arm="rag-3",
    metric="target",
    status=Status.PASSED,
    reason="better",
    evidence=Evidence(n=60, baseline=0.875, candidate=0.9, delta=0.025, interval=(-0.01, 0.06), tests=()),
)


def with_verdict(record: GateRecord, verdict: Verdict, policy: Policy | None = None) -> GateRecord:
    manifest = replace(record.manifest, policy=policy or record.manifest.policy)
    gate = GateVerdict(status=verdict.status, reason="why", verdicts=(verdict,))
    return replace(record, verdict=gate, manifest=manifest)


def test_a_score_is_told_in_points_beside_the_margin(a_record: MakeRecord) -> None:
    (asked,) = questions(with_verdict(a_record(), VERDICT))
    assert asked.name == "target-metric on sums x rag-3"
    assert asked.cells == ("0.875", "0.900", "+2.5", "-1.0 to +6.0", "-5.0", "60")


def test_a_question_answered_early_says_of_how_many(a_record: MakeRecord) -> None:
    assert VERDICT.evidence is not None
    early = replace(VERDICT, evidence=replace(VERDICT.evidence, details={"planned_items": 150.0}))
    assert questions(with_verdict(a_record(), early))[0].cells[-1] == "60 of 150"


def test_a_waiting_time_is_a_ratio_and_an_infinite_bound_has_none(a_record: MakeRecord) -> None:
    evidence = Evidence(n=12, baseline=0.25, candidate=0.5, delta=2.0, interval=(1.5, float("inf")), tests=())
    (asked,) = questions(with_verdict(a_record(), replace(VERDICT, suite=Suite.LATENCY, evidence=evidence)))
    assert asked.cells[2:5] == ("x 2.00", "x 1.50 to ∞", "x 1.10")
    assert asked.high is None


def test_what_was_not_measured_has_no_figures(a_record: MakeRecord) -> None:
    (asked,) = questions(with_verdict(a_record(), replace(VERDICT, status=Status.INVALID, evidence=None)))
    assert set(asked.cells) == {"-"}


@pytest.mark.parametrize(
    ("hypothesis", "margin"),
    [(Hypothesis.NON_INFERIORITY, -10), (Hypothesis.SUPERIORITY, 10), (Hypothesis.FLOOR, None)],
)
def test_the_margin_lies_where_the_hypothesis_puts_it(
    hypothesis: Hypothesis, margin: float | None, a_record: MakeRecord
) -> None:
    policy = Policy(target_metric=PairedPolicy(hypothesis=hypothesis, margin=0.1, floor=0.5))
    assert questions(with_verdict(a_record(), VERDICT, policy))[0].margin == margin


def test_an_unfinished_gate_has_answered_nothing(a_record: MakeRecord) -> None:
    assert questions(a_record(finished=False)) == ()
