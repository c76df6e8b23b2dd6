"""Cells on this machine: a model once, its arms together, and a failure that stays a cell's own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.domain.experiment import Cell, Hole, Measured, Outcome
from harness.domain.policy import OnMismatch
from harness.domain.suite import Suite
from harness.errors import InvalidTask, ServerDied, UnknownCheckpoint
from harness.experiments.export import ExportRequest
from harness.experiments.matrix.adapters import Adapters
from harness.experiments.matrix.cells import matrix_of
from harness.experiments.matrix.data_sets import DataSets
from harness.experiments.matrix.definition import Definition
from harness.experiments.matrix.local import LocalExecutor, rectangles
from harness.experiments.progress import Progress, Silent
from harness.experiments.request import Places, Purpose
from tests.fakes.experiments import FakeGate, FakeTrainer
from training.certificate import Certificate

Run = Callable[..., list[Outcome]]


class FakeExport:
    """Leaves an empty folder, fails where it is told to, and knows what it was asked."""

    def __init__(self) -> None:
        self.requests: list[ExportRequest] = []
        self.fails = False

    def __call__(self, request: ExportRequest, _progress: Progress) -> None:
        self.requests.append(request)
        if self.fails:
            raise UnknownCheckpoint("it cannot be written so")
        request.out.mkdir(parents=True)


@pytest.fixture
def export() -> FakeExport:
    return FakeExport()


@pytest.fixture
def hands(trainer: FakeTrainer, export: FakeExport) -> tuple[FakeTrainer, FakeExport]:
    """Those who train and who write exports."""
    return trainer, export


@pytest.fixture
def run(
    defined: Callable[..., Definition],
    where: Places,
    tmp_path: Path,
    gate: FakeGate,
    hands: tuple[FakeTrainer, FakeExport],
) -> Run:
    """Runs the cells of the experiment with some fields replaced."""

    def build(**changed: object) -> list[Outcome]:
        definition = defined(**changed)
        trainer, export = hands
        executor = LocalExecutor(
            definition=definition,
            places=where,
            folder=tmp_path / "shelf",
            data_sets=DataSets(
                definitions=definition.data,
                near=tmp_path,
                folder=tmp_path / "shelf" / "data",
                places=where,
                task=definition.task,
                progress=Silent(),
            ),
            adapters=Adapters(
                recipes=definition.recipe,
                near=tmp_path,
                folder=tmp_path / "shelf" / "adapters",
                trainer=trainer,
            ),
            progress=Silent(),
            score=gate,
            export=export,
        )
        return list(executor.run(matrix_of(definition, where="file.toml").cells))

    return build


def means(outcomes: list[Outcome]) -> dict[tuple[str, str], float]:
    return {
        (each.cell.data, each.cell.arm): sum(item.target for item in each.items) / len(each.items)
        for each in outcomes
        if isinstance(each, Measured)
    }


def test_a_model_is_asked_all_its_arms_at_once_and_every_cell_is_answered_for(
    run: Run, gate: FakeGate
) -> None:
    outcomes = run()
    assert means(outcomes) == {
        ("none", "zero-shot"): 0.0,
        ("none", "rag-3"): 0.0,
        ("clean", "zero-shot"): 1.0,
        ("clean", "rag-3"): 0.5,
        ("noisy", "zero-shot"): 1.0,
        ("noisy", "rag-3"): 0.5,
    }
    assert [list(map(str, request.arms)) for request in gate.requests] == [["zero-shot", "rag-3"]] * 3
    assert [Path(request.checkpoint).name for request in gate.requests] == [
        "smollm2-135m",
        "epoch-2",
        "epoch-2",
    ]
    for request in gate.requests:
        assert request.purpose is Purpose.SCORE
        assert (request.policy.items, request.policy.mismatch) == (4, OnMismatch.REPORT)
        assert Suite.LATENCY not in request.suites


def test_a_cell_tells_what_its_training_took(
    run: Run, trainer: FakeTrainer, a_certificate: Callable[..., Certificate]
) -> None:
    trainer.certificate = a_certificate(elapsed_s=192.0)
    took = {each.cell.data: each.trained_s for each in run() if isinstance(each, Measured)}
    assert took == {"none": None, "clean": 192.0, "noisy": 192.0}


def test_epochs_of_one_training_share_it(run: Run, trainer: FakeTrainer, fields: dict[str, Any]) -> None:
    small = fields["recipe"]["small"]
    run(
        recipe={"first": small | {"epoch": 1}, "last": small},
        factors={"data": ["clean"], "recipe": ["first", "last"]},
        reference={"recipe": "first"},
    )
    assert len({out for _, _, out in trainer.asked}) == 1


def test_other_data_and_other_settings_are_other_trainings(
    run: Run, trainer: FakeTrainer, fields: dict[str, Any]
) -> None:
    small = fields["recipe"]["small"]
    run(
        recipe={"short": small, "long": small | {"set": {"epochs": 3, "task": "tickets"}}},
        factors={"data": ["clean", "noisy"], "recipe": ["short", "long"]},
        reference={"recipe": "short", "data": "clean"},
    )
    assert len({out for _, _, out in trainer.asked}) == 4


def test_a_training_that_fails_is_a_hole_and_the_rest_goes_on(run: Run, fields: dict[str, Any]) -> None:
    broken = {"draw": "tickets", "count": 4}
    outcomes = run(
        data=fields["data"] | {"broken": broken},
        factors=fields["factors"] | {"data": ["none", "broken", "clean"]},
    )
    holes = [each for each in outcomes if isinstance(each, Hole)]
    assert {each.cell.data for each in holes} == {"broken"}
    assert {each.reason for each in holes} == {"loss is not a number: lower the learning rate"}
    assert len(means(outcomes)) == 4


def test_data_that_cannot_be_made_is_a_hole(run: Run, fields: dict[str, Any]) -> None:
    few = {"mix": "clean", "general": "clean", "dilute": 50}
    outcomes = run(data=fields["data"] | {"few": few}, factors=fields["factors"] | {"data": ["none", "few"]})
    assert [type(each) for each in outcomes] == [Measured, Measured, Hole, Hole]


def test_an_arm_that_cannot_be_asked_takes_no_other_with_it(run: Run, gate: FakeGate) -> None:
    gate.refused = {"rag-3": InvalidTask("tickets has no gold pool: add gold.jsonl")}
    outcomes = run()
    holes = [each for each in outcomes if isinstance(each, Hole)]
    assert {each.cell.arm for each in holes} == {"rag-3"}
    assert set(means(outcomes)) == {(data, "zero-shot") for data in ("none", "clean", "noisy")}


def test_a_server_that_dies_costs_the_cells_it_had(run: Run, gate: FakeGate) -> None:
    gate.refused = {"rag-3": ServerDied("the server ended: see its log")}
    outcomes = run()
    assert all(isinstance(each, Hole) for each in outcomes)
    assert len(gate.requests) == 3


def test_a_gate_that_lost_results_costs_its_cells_and_no_others(run: Run, gate: FakeGate) -> None:
    gate.loses = 2
    outcomes = run()
    holes = [each for each in outcomes if isinstance(each, Hole)]
    assert [each.cell.data for each in holes] == ["clean", "clean"]
    assert all("holds 3 of 4 results" in each.reason for each in holes)


def test_waits_are_asked_for_with_room_for_a_whole_reply(run: Run, gate: FakeGate) -> None:
    run(waits=5)
    assert all(Suite.LATENCY in request.suites for request in gate.requests)
    latency = gate.requests[0].policy.latency
    assert (latency.pairs, latency.concurrency) == (5, 1)
    assert latency.max_tokens > 32


def test_what_is_skipped_is_not_asked_for_the_sake_of_one_server() -> None:
    plain = Cell(checkpoint="a")
    cells = [
        replace(plain, arm=arm, decoding=decoding)
        for arm, decoding in (("zero-shot", "task"), ("rag-3", "task"), ("zero-shot", "warm"))
    ]
    blocks = rectangles(cells)
    assert sorted(map(len, blocks)) == [1, 2]
    whole = rectangles([*cells, replace(plain, arm="rag-3", decoding="warm")])
    assert len(whole) == 1


EXPORTED: dict[str, Any] = {
    "factors": {
        "data": ["none", "clean"],
        "recipe": ["small"],
        "merge_into": ["full"],
        "export": ["safetensors", "int8"],
    },
    "reference": {"data": "none"},
}


def test_an_export_is_written_once_and_asked_as_it_is(run: Run, gate: FakeGate, export: FakeExport) -> None:
    run(**EXPORTED)
    outcomes = run(**EXPORTED)
    (request,) = export.requests
    assert (request.written_as, request.into, Path(request.checkpoint).name) == ("int8", "full", "epoch-2")
    assert [each.cell.export for each in outcomes if isinstance(each, Measured)] == [
        "safetensors",
        "safetensors",
        "int8",
    ]
    asked = {each.checkpoint: str(each.merge_into) for each in gate.requests if "exports" in each.checkpoint}
    assert asked == {str(request.out): "as-trained"}


def test_an_export_that_cannot_be_written_is_a_hole_of_its_own(run: Run, export: FakeExport) -> None:
    export.fails = True
    found = {(each.cell.data, each.cell.export): type(each) for each in run(**EXPORTED)}
    assert found == {
        ("none", "safetensors"): Measured,
        ("clean", "safetensors"): Measured,
        ("clean", "int8"): Hole,
    }
