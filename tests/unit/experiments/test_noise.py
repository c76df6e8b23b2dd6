import dataclasses
from pathlib import Path

import pytest

from harness.domain.policy import JudgePolicy, LatencyPolicy, PairedPolicy, Policy, ReadsPolicy, Role
from harness.domain.suite import MEASURED, Suite
from harness.experiments.noise import noise_request, reporting
from harness.experiments.request import GateRequest, Purpose, arms_named, places

PAIRED = PairedPolicy(margin=0.2, floor=0.5, max_lost=3)


@pytest.fixture
def request_of(tmp_path: Path) -> GateRequest:
    return GateRequest(
        checkpoint="mine",
        baseline="theirs",
        arms=arms_named("zero-shot,rag-3"),
        tasks=("tickets",),
        suites=MEASURED,
        policy=Policy(anchor="frozen", items=70, target_metric=PAIRED, temperature=0.7),
        places=places(tmp_path),
    )


def test_noise_is_the_baseline_on_both_sides_asked_everything_and_refused_for_nothing(
    request_of: GateRequest,
) -> None:
    noise = noise_request(request_of)
    assert (noise.checkpoint, noise.baseline, noise.policy.anchor) == ("theirs", "theirs", None)
    assert (noise.purpose, noise.allow_underpowered, noise.policy.sequential) == (Purpose.NOISE, True, False)
    assert set(noise.suites) == set(MEASURED) - {Suite.LATENCY}


def test_noise_asks_the_same_items_under_the_same_arms_and_temperature(request_of: GateRequest) -> None:
    noise = noise_request(request_of)
    assert (noise.arms, noise.tasks) == (request_of.arms, request_of.tasks)
    assert (noise.policy.items, noise.policy.temperature) == (70, 0.7)


def test_reporting_changes_nothing_but_the_roles() -> None:
    policy = Policy(target_metric=PAIRED, latency=LatencyPolicy(pairs=7))
    shown = reporting(policy)
    names = ("target_metric", "schema_validity", "forgetting", "latency")
    assert [getattr(shown, name).role for name in names] == [Role.REPORT] * 4
    gating = {name: dataclasses.replace(getattr(shown, name), role=Role.GATE) for name in names}
    assert dataclasses.replace(shown, **gating) == policy


def test_noise_asks_nothing_of_people() -> None:
    shown = reporting(Policy(reads=ReadsPolicy(), judge=JudgePolicy()))
    assert (shown.reads, shown.judge) == (None, None)
