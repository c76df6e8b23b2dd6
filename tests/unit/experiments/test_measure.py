"""How much of a plan is asked, and of whom in which order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from harness.domain.arm import parse_arm
from harness.domain.policy import PairedPolicy, Policy
from harness.domain.run import ItemResult, Side
from harness.domain.suite import Suite
from harness.domain.verdict import Status
from harness.experiments.measure import GatePlan, measure, planned_work
from harness.experiments.prepare import prepare
from harness.experiments.progress import Silent
from harness.experiments.request import GateRequest, Places
from harness.gating.gate import decide
from harness.store.gate_folder import GateFolder
from tests.fakes.manifests import a_manifest
from tests.fakes.openai_server import FakeServer
from tests.fakes.tickets import TICKETS

_POLICY = Policy(items=150, target_metric=PairedPolicy(margin=0.2), schema_validity=PairedPolicy(margin=0.2))
_SCORES = (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY)


class Watching(Silent):
    """Keeps what was said and counted."""

    def __init__(self) -> None:
        self.total = 0
        self.advanced = 0
        self.spared = 0
        self.said: list[str] = []

    def say(self, stage: str) -> None:
        self.said.append(stage)

    def begin(self, label: str, *, total: int, done: int) -> None:
        assert (label, done) == ("items", 0)
        self.total = total

    def advance(self, *results: ItemResult) -> None:
        assert all(result.item_id for result in results)
        self.advanced += len(results)

    def spare(self, items: int) -> None:
        self.spared += items


@pytest.fixture
def planned(server: FakeServer, tmp_path: Path) -> Callable[..., GatePlan]:
    """Plans a gate over the tickets task between two models of the server."""

    def build(
        candidate: str,
        *,
        policy: Policy = _POLICY,
        suites: tuple[Suite, ...] = _SCORES,
        arms: tuple[str, ...] = ("zero-shot",),
    ) -> GatePlan:
        request = GateRequest(
            checkpoint=server.checkpoint(candidate),
            baseline=server.checkpoint("also-good"),
            arms=tuple(map(parse_arm, arms)),
            tasks=(str(TICKETS),),
            suites=suites,
            policy=policy,
            places=Places(results=tmp_path / "results", cache=tmp_path / "cache", tasks=TICKETS.parent),
            concurrency=4,
        )
        return prepare(request, Silent())

    return build


Planned = Callable[..., GatePlan]


def folder_of(plan: GatePlan) -> GateFolder:
    manifest = a_manifest(
        gate_id="a-gate",
        policy=plan.request.policy,
        suites=plan.request.suites,
        runs=plan.runs,
    )
    return GateFolder.create(plan.request.places.results, manifest)


def recorded(folder: GateFolder) -> Counter[Side]:
    return Counter({run.side: len(folder.results(run.id)) for run in folder.manifest.runs})


@pytest.mark.parametrize(("candidate", "status"), [("good", Status.PASSED), ("chatty", Status.REGRESSED)])
def test_a_settled_question_spares_what_is_left_of_its_items(
    server: FakeServer, planned: Planned, candidate: str, status: Status
) -> None:
    plan = planned(candidate)
    progress = Watching()
    with folder_of(plan) as folder:
        assert measure(plan, folder, progress) == 0
        verdict = decide(folder.manifest, folder.results)
        assert verdict.status is status
        assert "task.tickets.zero-shot is settled" in progress.said
        asked = sum(recorded(folder).values())
        evidence = [one.evidence.n for one in verdict.verdicts if one.evidence is not None]
    assert len(evidence) == 2
    # Two sides, and what was in flight or waited for the next look.
    assert 2 * max(evidence) <= asked <= 2 * max(evidence) + 24 < progress.total == 300
    assert progress.advanced == asked
    assert 0 < progress.spared <= progress.total - 2 * max(evidence)
    assert len(server.chats()) <= asked + 2 * plan.request.concurrency


def test_the_items_that_are_there_are_the_first_of_the_plan(planned: Planned) -> None:
    plan = planned("good")
    with folder_of(plan) as folder:
        measure(plan, folder, Silent())
        for run in folder.manifest.runs:
            found = {result.item_id for result in folder.results(run.id)}
            assert found <= set(run.item_ids[: len(found) + 2 * plan.request.concurrency])


def test_a_gate_that_is_settled_starts_nothing_again(server: FakeServer, planned: Planned) -> None:
    plan = planned("good")
    with folder_of(plan) as folder:
        measure(plan, folder, Silent())
        before = recorded(folder)
        server.close()
        progress = Watching()
        assert measure(plan, folder, progress) == sum(before.values())
        assert recorded(folder) == before
    assert progress.said == []


def test_without_looks_every_item_is_asked_and_then_nothing_more(
    server: FakeServer, planned: Planned
) -> None:
    plan = planned("good", policy=replace(_POLICY, items=40, sequential=False))
    with folder_of(plan) as folder:
        measure(plan, folder, Silent())
        assert recorded(folder) == {Side.BASELINE: 40, Side.CANDIDATE: 40}
        server.close()
        assert measure(plan, folder, Silent()) == 80


def test_what_a_settled_gate_recorded_decides_as_if_all_had_been_asked(planned: Planned) -> None:
    early, late = planned("good"), planned("good", policy=replace(_POLICY, sequential=False))
    with folder_of(early) as folder:
        measure(early, folder, Silent())
        verdict = decide(folder.manifest, folder.results)
    places = replace(late.request.places, results=late.request.places.results / "late")
    late = replace(late, request=replace(late.request, places=places))
    with folder_of(late) as folder:
        measure(late, folder, Silent())
        # The same order and rules, over everything.
        manifest = replace(folder.manifest, policy=_POLICY)
        assert decide(manifest, folder.results) == verdict


def test_pairs_of_runs_are_asked_item_by_item_in_turn_and_their_sides_in_turns(planned: Planned) -> None:
    plan = planned("good", suites=(*_SCORES, Suite.LATENCY), arms=("zero-shot", "fewshot-3"))
    works = planned_work(plan)
    pairs = list(dict.fromkeys(run.pair for run in plan.runs))
    turns = [pair for pair, _ in groupby(work.run.pair for work in works)]
    assert turns[: 3 * len(pairs)] == pairs * 3
    for pair in pairs:
        mine = [work for work in works if work.run.pair == pair]
        sides = [work.run.side for work in mine[:4]]
        assert sides == [Side.BASELINE, Side.CANDIDATE, Side.CANDIDATE, Side.BASELINE]
        assert [work.item_id for work in mine[::2]] == list(mine[0].run.item_ids)
