from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from harness.domain.decision import Decision, Footing, Holder, LadderTerms, Ruling, Rung, RungResult
from harness.domain.manifest import GateManifest
from harness.domain.policy import Role, Waiver
from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status, Verdict
from harness.errors import InvalidComparison
from harness.gating.finals import FINAL_SUITES, finalists, with_finals
from tests.fakes.manifests import a_manifest

TUNED, BASE = Rung(holder=Holder.TUNED, arm="rag-3"), Rung(holder=Holder.BASE, arm="fewshot-3")
WAIVER = Waiver(suite=Suite.FORGETTING, until=date(2027, 1, 1), reason="known")
OTHER = Rung(holder=Holder.BASE, arm="zero-shot")
Manifests = tuple[GateManifest, GateManifest]


def measured(rung: Rung, score: float) -> RungResult:
    return RungResult(
        rung=rung, score=score, valid=1.0, footing=Footing.HOLDS, behind_prompts=None, behind_tuned=None
    )


DECISION = Decision(
    ruling=Ruling.TRAIN,
    reason="stand on it",
    terms=LadderTerms(finalists=True),
    confidence=0.95,
    stands_on=TUNED,
    rungs=(measured(OTHER, 0.2), measured(BASE, 0.5), measured(TUNED, 0.9)),
)


@pytest.fixture
def manifests(a_run: Callable[..., RunSpec]) -> Manifests:
    """Those of a ladder and of the gate of its finalists."""
    ladder = [a_run(side, ["i1"], arm=arm) for side in (Side.BASELINE, Side.CANDIDATE) for arm in ("rag-3",)]
    gate = [
        a_run(Side.CANDIDATE, ["i1"], arm="rag-3"),
        a_run(Side.BASELINE, ["i1"], arm="fewshot-3"),
        a_run(Side.CANDIDATE, ["p1"], kind=RunKind.PROBE),
        a_run(Side.BASELINE, ["p1"], kind=RunKind.PROBE),
    ]
    return a_manifest(runs=ladder), a_manifest(runs=gate, suites=FINAL_SUITES)


def verdict(status: Status) -> GateVerdict:
    one = Verdict(
        suite=Suite.FORGETTING, subject="sciq", arm="", metric="choice", status=status, reason="it was so"
    )
    return GateVerdict(status=status, reason="all told", verdicts=(one,), notes=("a note",))


@pytest.mark.parametrize(
    ("status", "ruling", "stands_on"),
    [
        (Status.PASSED, Ruling.TRAIN, TUNED),
        (Status.REGRESSED, Ruling.DO_NOT_TRAIN, None),
        (Status.INCONCLUSIVE, Ruling.INCONCLUSIVE, None),
        (Status.INVALID, Ruling.INVALID, None),
    ],
)
def test_only_finalists_that_pass_leave_a_decision_as_it_is(
    status: Status, ruling: Ruling, stands_on: Rung | None, manifests: Manifests
) -> None:
    found = with_finals(DECISION, *manifests, verdict(status))
    assert (found.ruling, found.stands_on, found.notes) == (ruling, stands_on, ("a note",))
    assert found.finals is not None
    assert (found.finals.tuned, found.finals.base, found.finals.status) == (TUNED, BASE, status)
    assert (found.reason == DECISION.reason) == (status is Status.PASSED)


def test_the_best_tuned_rung_stands_in_where_none_is_stood_on() -> None:
    assert finalists(replace(DECISION, stands_on=None)) == (TUNED, BASE)
    assert finalists(replace(DECISION, ruling=Ruling.INCONCLUSIVE)) is None


@pytest.mark.parametrize("suite", FINAL_SUITES)
def test_a_gate_that_left_a_suite_out_settles_nothing(suite: Suite, manifests: Manifests) -> None:
    ladder, gate = manifests
    fewer = replace(gate, suites=tuple(each for each in FINAL_SUITES if each is not suite))
    with pytest.raises(InvalidComparison, match=f"did not ask {suite}"):
        with_finals(DECISION, ladder, fewer, verdict(Status.PASSED))


def test_a_gate_of_another_arm_or_checkpoint_settles_nothing(
    manifests: Manifests, a_run: Callable[..., RunSpec]
) -> None:
    ladder, gate = manifests
    other = replace(gate, runs=(a_run(Side.CANDIDATE, ["i1"], arm="zero-shot"), *gate.runs[1:]))
    with pytest.raises(InvalidComparison, match="the finalist is tuned x rag-3"):
        with_finals(DECISION, ladder, other, verdict(Status.PASSED))
    strange = replace(gate.runs[1].candidate.checkpoint, digest="e" * 64)
    foreign = replace(gate.runs[1], candidate=replace(gate.runs[1].candidate, checkpoint=strange))
    with pytest.raises(InvalidComparison, match="the finalist is base x fewshot-3"):
        with_finals(DECISION, ladder, replace(gate, runs=(gate.runs[0], foreign)), verdict(Status.PASSED))


def test_a_decision_that_does_not_train_has_no_finalists(manifests: Manifests) -> None:
    with pytest.raises(InvalidComparison, match="has no finalists"):
        with_finals(replace(DECISION, ruling=Ruling.DO_NOT_TRAIN), *manifests, verdict(Status.PASSED))


def test_what_is_only_reported_or_waived_is_not_what_would_change_a_decision(manifests: Manifests) -> None:
    told = verdict(Status.INCONCLUSIVE)
    (blocking,) = told.verdicts
    shown = replace(blocking, suite=Suite.LATENCY, subject="fractions", role=Role.REPORT)
    waived = replace(blocking, subject="piqa", waiver=WAIVER)
    found = with_finals(DECISION, *manifests, replace(told, verdicts=(blocking, shown, waived)))
    assert found.finals is not None
    assert [each.counts for each in found.finals.verdicts] == [True, False, False]
    assert found.would_change == (
        "more items for forgetting on sciq, by which it may yet pass",
        "a fine-tuned checkpoint that passes forgetting on sciq as well",
    )
    lost = with_finals(DECISION, *manifests, replace(told, status=Status.REGRESSED))
    assert lost.would_change == ("a fine-tuned checkpoint that passes the other suites as well",)
