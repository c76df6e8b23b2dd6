"""The gate on real generations from a real vLLM server."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.arm import parse_arm
from harness.domain.policy import ForgettingPolicy, LatencyPolicy, PairedPolicy, Policy, Role
from harness.domain.response import Response
from harness.domain.suite import MEASURED, Suite
from harness.domain.verdict import Status
from harness.experiments.gate import GateReport, run_gate
from harness.experiments.progress import Silent
from harness.experiments.replay import replay_gate
from harness.experiments.request import GateRequest, Purpose, places
from serving.vllm_server import VllmServer

pytestmark = pytest.mark.integration

POLICY = Policy(
    items=32,
    target_metric=PairedPolicy(margin=0.10),
    schema_validity=PairedPolicy(margin=0.10),
    forgetting=ForgettingPolicy(probes=("arc_easy", "piqa"), items=30, margin=0.10),
    latency=LatencyPolicy(pairs=6, max_tokens=8, role=Role.REPORT),
)


def request(checkpoint: str, baseline: str, results: Path, *suites: Suite) -> GateRequest:
    return GateRequest(
        checkpoint=checkpoint,
        baseline=baseline,
        arms=(parse_arm("zero-shot"),),
        tasks=("tickets",),
        suites=suites,
        policy=POLICY,
        places=places(results),
    )


@pytest.fixture(scope="module")
def same_against_same(vllm: VllmServer, tmp_path_factory: pytest.TempPathFactory) -> GateReport:
    url = f"{vllm.url}#good"
    return run_gate(request(url, url, tmp_path_factory.mktemp("same"), *MEASURED), Silent())


def test_a_checkpoint_never_regresses_against_itself(same_against_same: GateReport) -> None:
    statuses = {each.suite: each.status for each in same_against_same.verdict.verdicts}
    assert set(statuses) == set(MEASURED)
    assert Status.REGRESSED not in statuses.values()
    assert statuses[Suite.FORGETTING] is Status.PASSED


def test_both_sides_of_a_gate_are_really_asked(same_against_same: GateReport) -> None:
    folder = same_against_same.folder
    for run in folder.manifest.runs:
        results = folder.results(run.id)
        assert [result.item_id for result in results] != []
        assert {result.item_id for result in results} == set(run.item_ids)


def test_waiting_times_grow_from_first_token_to_last(same_against_same: GateReport) -> None:
    folder = same_against_same.folder
    runs = [run for run in folder.manifest.runs if run.kind == "latency"]
    timings = [
        result.outcome.timing
        for run in runs
        for result in folder.results(run.id)
        if isinstance(result.outcome, Response)
    ]
    assert len(timings) == 2 * POLICY.latency.pairs
    assert all(timing is not None and 0 < timing.ttft_s <= timing.e2e_s for timing in timings)


def test_a_gate_replays_offline_to_the_same_verdict(same_against_same: GateReport) -> None:
    assert replay_gate(same_against_same.folder.path).agrees


def test_an_arm_that_is_really_worse_is_regressed(good: str, tmp_path: Path) -> None:
    """Without examples the embedded model cannot route a ticket; with three of them it often can."""
    asked = replace(
        request(good, good, tmp_path, Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY),
        baseline_arm=parse_arm("fewshot-3"),
    )
    report = run_gate(asked, Silent())
    assert report.verdict.status is Status.REGRESSED
    assert "after Holm" in report.verdict.reason


def test_retrieved_examples_reach_the_prompt_and_never_the_item_itself(good: str, tmp_path: Path) -> None:
    asked = GateRequest(
        checkpoint=good,
        baseline=good,
        arms=(parse_arm("rag-3"),),
        tasks=("fractions",),
        suites=(),
        policy=Policy(items=4),
        places=places(tmp_path),
        purpose=Purpose.SCORE,
    )
    report = run_gate(asked, Silent())
    (run,) = report.folder.manifest.runs
    for result in report.folder.results(run.id):
        assert isinstance(result.outcome, Response)
        assert len(set(result.example_ids)) == 3
        assert all(name.startswith("frac-gold-") for name in result.example_ids)
        assert result.outcome.prompt_tokens > 400
