"""What is decided again without asking, and what is measured; nothing here is served."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.checkpoint import Checkpoint
from harness.domain.decision import LadderTerms, Ruling
from harness.domain.policy import Policy
from harness.domain.run import ItemResult, RunSpec, Side
from harness.errors import ServingError
from harness.experiments.decide import carried_out
from harness.experiments.gate import folder_of
from harness.experiments.ladder_request import ladder_request
from harness.experiments.measure import GatePlan
from harness.experiments.prepare import prepare
from harness.experiments.progress import Silent
from harness.experiments.request import GateRequest, arms_named, places

NOWHERE = "http://127.0.0.1:9/v1#"
ResultsOf = Callable[..., tuple[ItemResult, ...]]


@pytest.fixture
def plan_for(tmp_path: Path) -> Callable[..., GatePlan]:
    """Plans a decision on tickets between two checkpoints that would be served from here."""

    def build(*, local: bool = True, **terms: float) -> GatePlan:
        request = GateRequest(
            checkpoint=NOWHERE + "mine",
            baseline=NOWHERE + "theirs",
            arms=arms_named("zero-shot,fewshot-3"),
            tasks=("tickets",),
            suites=(),
            policy=Policy(items=60),
            places=places(tmp_path / "results"),
        )
        plan = prepare(ladder_request(request, LadderTerms(**terms), stronger=None), Silent())
        return replace(plan, runs=tuple(map(_served_from_here, plan.runs))) if local else plan

    return build


def _served_from_here(run: RunSpec) -> RunSpec:
    found = run.candidate.checkpoint
    local = Checkpoint(label=found.label, digest=found.digest, weights=Path("/weights"))
    return replace(run, candidate=replace(run.candidate, checkpoint=local))


@pytest.fixture
def fill(results_of: ResultsOf) -> Callable[[GatePlan], None]:
    """Records the replies of a plan: the tuned side is always right, the base never."""

    def record(plan: GatePlan) -> None:
        with folder_of(plan) as folder:
            for run in plan.runs:
                values = [float(run.side is Side.CANDIDATE)] * len(run.item_ids)
                with folder.journal(run.id) as journal:
                    journal.extend(results_of(run, values))
            folder.write_servers({"measuring_s": 5.0, "requests": 240})

    return record


PlanFor = Callable[..., GatePlan]
Fill = Callable[[GatePlan], None]


def test_a_decision_is_found_again_and_nothing_is_asked(plan_for: PlanFor, fill: Fill) -> None:
    plan = plan_for(gain=0.1, margin=0.1)
    fill(plan)
    first, _ = carried_out(plan, Silent())
    again, known = carried_out(plan_for(gain=0.1, margin=0.1), Silent())
    assert (again.path, known) == (first.path, 240)
    assert again.decision().ruling is Ruling.TRAIN


def test_other_terms_are_decided_anew_from_the_same_replies(plan_for: PlanFor, fill: Fill) -> None:
    plan = plan_for(gain=0.1, margin=0.1)
    fill(plan)
    first, _ = carried_out(plan, Silent())
    stricter, known = carried_out(plan_for(gain=0.97, margin=0.1), Silent())
    assert known == 240
    assert stricter.path != first.path
    assert stricter.decision().ruling is Ruling.INCONCLUSIVE
    assert stricter.servers() == first.servers()


def test_an_endpoint_is_asked_again(plan_for: PlanFor, fill: Fill) -> None:
    fill(plan_for(local=False))
    first, _ = carried_out(plan_for(local=False), Silent())
    with pytest.raises(ServingError, match=r"127\.0\.0\.1:9"):
        carried_out(plan_for(local=False), Silent())
    assert first.is_complete


def test_a_decision_that_failed_is_not_taken_for_an_answer(plan_for: PlanFor, results_of: ResultsOf) -> None:
    plan = plan_for()
    with folder_of(plan) as folder:
        for run in plan.runs:
            with folder.journal(run.id) as journal:
                journal.extend(results_of(run, [1.0] * len(run.item_ids), ["one"] * len(run.item_ids)))
    invalid, _ = carried_out(plan, Silent())
    assert invalid.decision().ruling is Ruling.INVALID
    with folder_of(plan) as anew:
        assert anew.path != invalid.path
        assert anew.manifest.attempt == 2


def test_a_gate_with_the_same_runs_is_another_plan(plan_for: PlanFor, fill: Fill) -> None:
    plan = plan_for()
    fill(plan)
    as_gate = replace(plan, request=replace(plan.request, ladder=None))
    with folder_of(as_gate) as folder:
        assert not folder.results(plan.runs[0].id)
