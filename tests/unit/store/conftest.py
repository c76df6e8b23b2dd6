"""One small gate, whole: two runs, a reply, a choice, a failure, and a verdict with evidence."""

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from harness.domain.arm import Arm, ArmKind
from harness.domain.checkpoint import Checkpoint, Endpoint, Precision
from harness.domain.manifest import GateManifest
from harness.domain.policy import Policy, Waiver
from harness.domain.response import (
    ChoiceResponse,
    FailureKind,
    FinishReason,
    GenerationFailure,
    Response,
    Timing,
)
from harness.domain.run import Candidate, ItemResult, RunKind, RunSpec, Side
from harness.domain.score import Score
from harness.domain.suite import Suite
from harness.domain.verdict import Evidence, GateVerdict, HypothesisTest, Status, Verdict
from harness.store.gate_folder import GateFolder
from tests.fakes.manifests import a_manifest

_ARM = Arm(kind=ArmKind.RAG, examples=3)
_WAIVER = Waiver(suite=Suite.TARGET_METRIC, until=date(2027, 1, 31), reason="mended by the next mix")
_LOCAL = Checkpoint(label="mine", digest="a" * 64, weights=Path("/models/mine"), precision=Precision.BFLOAT16)
_REMOTE = Checkpoint(label="theirs", digest="b" * 64, endpoint=Endpoint(url="http://h:1/v1", model="m"))


def run_spec(run_id: str, side: Side, checkpoint: Checkpoint) -> RunSpec:
    return RunSpec(
        id=run_id,
        pair="fractions.rag-3",
        kind=RunKind.TASK,
        side=side,
        candidate=Candidate(checkpoint=checkpoint, arm=_ARM),
        subject="fractions",
        subject_digest="c" * 64,
        item_ids=("i1", "i2", "i3"),
    )


@pytest.fixture
def manifest() -> GateManifest:
    return a_manifest(
        policy=Policy(items=None, anchor="./release-1", waivers=(_WAIVER,)),
        suites=(Suite.TARGET_METRIC, Suite.LATENCY),
        runs=(run_spec("base", Side.BASELINE, _REMOTE), run_spec("cand", Side.CANDIDATE, _LOCAL)),
        environment={"python": "3.11", "gpu": "kein, 無"},
    )


@pytest.fixture
def results() -> tuple[ItemResult, ...]:
    """What the run `cand` recorded."""
    reply = Response(
        text='{"answer": "½"}',
        finish_reason=FinishReason.STOP,
        prompt_tokens=120,
        completion_tokens=9,
        timing=Timing(ttft_s=0.1, e2e_s=0.30000000000000004, tpot_s=None),
    )
    outcomes = (
        reply,
        ChoiceResponse(logprobs=(-1.5, -2.25), tokens=(2, 3)),
        GenerationFailure(kind=FailureKind.TIMEOUT, message="no token within 60 s"),
    )
    scores = {"rubric": Score(value=0.5, parts={"form": 1.0, "number": 0.0}, note="wrong number")}
    return tuple(
        ItemResult(
            run_id="cand",
            item_id=f"i{number}",
            cluster="c1",
            outcome=outcome,
            scores=scores,
            prompt_digest="e" * 64,
            example_ids=("g1", "g2"),
        )
        for number, outcome in enumerate(outcomes, start=1)
    )


@pytest.fixture
def verdict() -> GateVerdict:
    evidence = Evidence(
        n=3,
        baseline=0.4,
        candidate=0.5,
        delta=0.1,
        interval=(-0.2, float("inf")),
        tests=(
            HypothesisTest(name="sign-flip", hypothesis="non-inferiority", rejected=True, p_value=0.04),
            HypothesisTest(name="tango", hypothesis="non-inferiority", rejected=False),
        ),
        lost=("i2",),
        details={"planned_items": 9.0},
    )
    weighed = Verdict(
        suite=Suite.TARGET_METRIC,
        subject="fractions",
        arm="rag-3",
        metric="rubric",
        status=Status.PASSED,
        reason="no worse than 0.05 below the baseline",
        evidence=evidence,
    )
    waived = dataclasses.replace(
        weighed,
        status=Status.REGRESSED,
        reason="worse than the baseline",
        evidence=dataclasses.replace(evidence, baseline=0.9, delta=-0.4, tests=evidence.tests[1:]),
        against=Side.ANCHOR,
        waiver=_WAIVER,
    )
    unmeasured = Verdict(
        suite=Suite.LATENCY,
        subject="fractions",
        arm="rag-3",
        metric="ttft_s",
        status=Status.INVALID,
        reason="none",
    )
    return GateVerdict(
        status=Status.INVALID,
        reason="latency was not measured",
        verdicts=(weighed, waived, unmeasured),
        notes=("this is look 2", "a waiver ran out"),
    )


@pytest.fixture
def fill(
    manifest: GateManifest, results: tuple[ItemResult, ...], verdict: GateVerdict
) -> Callable[..., GateFolder]:
    """Write the gate under a results folder, finished or not, and give it back closed."""

    def write(root: Path, *, finished: bool = True, **changes: object) -> GateFolder:
        changed = dataclasses.replace(manifest, **changes)  # type: ignore[arg-type]
        with GateFolder.create(root, changed) as folder:
            with folder.journal("cand") as journal:
                for result in results:
                    journal.append(result)
            if finished:
                folder.finish(verdict)
        return GateFolder.open(folder.path)

    return write
