"""A judge gates only where people bear it out, and no bias of it moves the answer."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.domain.judgement import TIE, Judgement, Judgements
from harness.domain.policy import JudgePolicy, Policy, Role
from harness.domain.reading import Blind, Reading, Reads
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status, Verdict
from harness.gating.gate import decide
from tests.fakes.read_gates import Gate

Recorded = Callable[..., Gate]
Says = Callable[[int, bool, bool], tuple[float, float]]
"""What a judge scores candidate and baseline, by the item's number and what people would say."""

PAIR, ITEMS, READ = "task.sums.zero-shot", 300, 90
POLICY = Policy(sequential=False, judge=JudgePolicy(margin=0.2, min_agreement=0.7))


def drawn(number: int, salt: str) -> float:
    return int.from_bytes(hashlib.sha256(f"{salt}{number}".encode()).digest()[:4], "big") / 2**32


def people(number: int, *, worse: bool) -> tuple[bool, bool]:
    """Whether people accept the candidate's and the baseline's: two in three, one in three if worse."""
    baseline = drawn(number, "baseline") < 2 / 3
    if worse:
        return baseline and drawn(number, "worse") < 1 / 2, baseline
    return drawn(number, "candidate") < 2 / 3, baseline


def faithful(number: int, candidate: bool, baseline: bool) -> tuple[float, float]:  # noqa: FBT001 - a table
    wrong = drawn(number, "slip") < 0.03
    return float(candidate != wrong), float(baseline != wrong)


def in_two_minds(_number: int, _candidate: bool, _baseline: bool) -> tuple[float, float]:  # noqa: FBT001
    """What two orders make of a judge who always takes the first."""
    return TIE, TIE


def always_yes(_number: int, _candidate: bool, _baseline: bool) -> tuple[float, float]:  # noqa: FBT001
    return 1.0, 1.0


def the_longer(_number: int, _candidate: bool, _baseline: bool) -> tuple[float, float]:  # noqa: FBT001
    """What a judge says who takes the longer reply, where the candidate talks more."""
    return 1.0, 0.0


def judged(says: Says, *, worse: bool, items: int = ITEMS) -> Judgements:
    made = []
    for number in range(items):
        candidate, baseline = says(number, *people(number, worse=worse))
        one = Judgement(
            pair=PAIR, item_id=f"i{number}", candidate=candidate, baseline=baseline, consistent=True
        )
        made.append(replace(one, consistent=candidate != TIE, prompt_tokens=10, completion_tokens=2))
    return Judgements(gate_id="20261122-abc", judge="a-judge", rubric="r" * 64, judgements=tuple(made))


def read(count: int, *, worse: bool) -> Reads:
    said = [
        Reading(pair=PAIR, item_id=f"i{number}", candidate=candidate, baseline=baseline)
        for number in range(count)
        for candidate, baseline in (people(number, worse=worse),)
    ]
    return Reads(gate_id="20261122-abc", reviewer="Ada", blind=Blind.PAIRS, readings=tuple(said))


def decided(
    recorded: Recorded, said: Judgements | None, reads: Reads, policy: Policy = POLICY
) -> GateVerdict:
    same = [float(number % 5 > 0) for number in range(ITEMS)]
    manifest, results = recorded({"sums": (same, same)}, policy=policy)
    return decide(manifest, results.__getitem__, None, (reads,), said)


def answer(verdict: GateVerdict) -> Verdict:
    (found,) = [each for each in verdict.verdicts if each.suite is Suite.JUDGED]
    return found


@pytest.mark.parametrize(("worse", "status"), [(False, Status.PASSED), (True, Status.REGRESSED)])
def test_a_judge_that_people_bear_out_gates(worse: bool, status: Status, recorded: Recorded) -> None:  # noqa: FBT001 - a table
    verdict = decided(recorded, judged(faithful, worse=worse), read(READ, worse=worse))
    found = answer(verdict)
    assert (verdict.status, found.status, found.role) == (status, status, Role.GATE)
    assert found.evidence is not None
    assert found.evidence.details["relied_on"] > 0.5
    assert found.evidence.details["judge_prompt_tokens"] == 10 * ITEMS


@pytest.mark.parametrize("says", [in_two_minds, always_yes, the_longer])
@pytest.mark.parametrize("worse", [False, True])
def test_a_biased_judge_is_reported_and_its_figures_are_those_of_people_alone(
    says: Says,
    worse: bool,  # noqa: FBT001 - a table
    recorded: Recorded,
) -> None:
    verdict = decided(recorded, judged(says, worse=worse), read(READ, worse=worse))
    found = answer(verdict)
    assert found.role is Role.REPORT
    assert verdict.status is Status.PASSED  # by the target metric, which sees no change
    assert "only reported: a-judge took " in found.reason
    assert found.evidence is not None
    assert found.evidence.details["relied_on"] == 0.0
    assert found.evidence.details["agreement_low"] < 0.7
    assert (found.evidence.delta < -0.2) == worse
    assert found.status is not Status.PASSED or not worse


@pytest.mark.parametrize("says", [always_yes, the_longer])
def test_a_biased_judge_cannot_pass_a_worse_candidate_even_where_its_agreement_is_not_asked_for(
    says: Says, recorded: Recorded
) -> None:
    lax = replace(POLICY, judge=JudgePolicy(margin=0.2, min_agreement=1e-9))
    found = answer(decided(recorded, judged(says, worse=True), read(READ, worse=True), lax))
    assert found.status in (Status.REGRESSED, Status.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("said", "count", "told"),
    [
        (None, READ, "a judge has judged 0 of 300 items"),
        (judged(faithful, worse=False, items=299), READ, "a judge has judged 299 of 300 items"),
        (judged(faithful, worse=False), 0, "people have read 0 replies in pairs"),
        (judged(faithful, worse=False), 49, "people have read 98 replies in pairs"),
    ],
)
def test_a_demand_that_nobody_has_met_is_not_passed(
    said: Judgements | None, count: int, told: str, recorded: Recorded
) -> None:
    verdict = decided(recorded, said, read(count, worse=False))
    assert verdict.status is Status.INCONCLUSIVE
    assert told in verdict.reason


def test_a_policy_that_asks_for_no_judge_hears_none(recorded: Recorded) -> None:
    silent = replace(POLICY, judge=None)
    heard = decided(recorded, judged(always_yes, worse=True), read(READ, worse=True), silent)
    assert heard == decided(recorded, None, read(0, worse=True), silent)
