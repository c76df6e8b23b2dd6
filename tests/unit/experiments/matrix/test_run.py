"""An experiment from its file to its report."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from harness.domain.experiment import Cell, Coverage, Hole, Outcome
from harness.errors import InvalidExperiment, InvalidRecipe, InvalidTask, ServerDied
from harness.experiments.matrix.record import as_json, record
from harness.experiments.matrix.run import Experiment, ExperimentRequest, checked, run_experiment
from harness.experiments.request import Places
from tests.fakes.experiments import FakeGate, FakeTrainer, Watched

FILE = """
question = "Do wrong replies harm?"
task = "tickets"
items = 4
reference = { data = "none", arm = "zero-shot" }
shows = "something"

[factors]
data = ["none", "clean"]
recipe = ["small"]
arm = ["zero-shot", "rag-3"]

[data.clean]
draw = "tickets"
count = 8

[recipe.small]
file = "fractions-zero-shot.toml"
set = { task = "tickets", epochs = 2 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "harm.toml"
    path.write_text(FILE)
    return path


@pytest.fixture
def experiment(file: Path, where: Places) -> Experiment:
    return checked(ExperimentRequest(path=file, places=where, accepted_by="Ada"))


def test_a_report_has_a_row_a_cell_and_every_difference(
    experiment: Experiment, watch: Watched, gate: FakeGate, trainer: FakeTrainer
) -> None:
    report = run_experiment(experiment, watch, score=gate, trainer=trainer)
    assert report.coverage is Coverage.WHOLE
    assert [(row.cell.data, row.cell.arm, row.target) for row in report.rows] == [
        ("none", "zero-shot", 0.0),
        ("none", "rag-3", 0.0),
        ("clean", "zero-shot", 1.0),
        ("clean", "rag-3", 0.5),
    ]
    assert [each.delta for each in report.differences] == [0.0, 1.0, 0.5]
    assert (report.name, report.factors, report.shows) == ("harm", ("data", "arm"), "something")
    assert watch.expected == experiment.matrix.cells
    assert len(watch.outcomes) == 4


def test_holes_are_named_and_without_a_reference_nothing_is_compared(
    experiment: Experiment, watch: Watched, gate: FakeGate, trainer: FakeTrainer
) -> None:
    gate.refused = {"rag-3": ServerDied("the server ended")}
    report = run_experiment(experiment, watch, score=gate, trainer=trainer)
    assert report.coverage is Coverage.NOTHING
    assert [hole.reason for hole in report.holes] == ["the server ended"] * 4
    assert report.differences == ()


class Forgetful:
    """An executor that answers for the first cell alone."""

    def run(self, cells: Sequence[Cell]) -> Iterator[Outcome]:
        yield Hole(cell=cells[0], reason="no machine was free")


def test_a_cell_that_an_executor_forgets_is_a_hole_too(experiment: Experiment, watch: Watched) -> None:
    report = run_experiment(experiment, watch, executor=Forgetful())
    reasons = [hole.reason for hole in report.holes]
    assert reasons == ["no machine was free", *["it was never answered for"] * 3]


def test_training_data_that_nobody_takes_stops_everything_before_it_begins(
    file: Path, where: Places, watch: Watched, gate: FakeGate, trainer: FakeTrainer
) -> None:
    nobody = checked(ExperimentRequest(path=file, places=where, accepted_by=" "))
    with pytest.raises(InvalidExperiment, match="--accept-unreviewed-by NAME"):
        run_experiment(nobody, watch, score=gate, trainer=trainer)
    assert not gate.requests
    assert not trainer.asked


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (
            ('draw = "tickets"\ncount = 8', 'spoil = "clean"\nshare = 0.5'),
            InvalidExperiment,
            "clean of clean",
        ),
        (("fractions-zero-shot.toml", "none.toml"), InvalidRecipe, "none.toml could not be read"),
        (("epochs = 2", "epoch = 2"), InvalidRecipe, "epoch is no key of a recipe"),
        (("epochs = 2", 'method = "dpo"'), InvalidExperiment, "recipe.small learns preferences"),
        (("epochs = 2", 'validation = "look.jsonl"'), InvalidExperiment, "validates on look.jsonl"),
        (("epochs = 2", 'data = "mine.jsonl"'), InvalidExperiment, "recipe.small.set names data"),
        (("epochs = 2 }", "epochs = 2 }\nepoch = 3"), InvalidExperiment, "recipe.small.epoch is 3"),
        (('task = "tickets"\nitems', 'task = "none"\nitems'), InvalidTask, "unknown task 'none'"),
    ],
)
def test_what_cannot_work_is_refused_when_the_file_is_checked(
    file: Path, where: Places, change: tuple[str, str], error: type[Exception], said: str
) -> None:
    file.write_text(FILE.replace(*change))
    with pytest.raises(error) as refused:
        checked(ExperimentRequest(path=file, places=where))
    assert said in str(refused.value)
    assert not where.results.exists()


def test_a_record_holds_every_item_and_the_page(
    experiment: Experiment, watch: Watched, gate: FakeGate, trainer: FakeTrainer
) -> None:
    report = run_experiment(experiment, watch, score=gate, trainer=trainer)
    left = record(report, "the page \ud800\n", experiment.folder)
    document = json.loads(left.document.read_bytes())
    assert document == json.loads(json.dumps(as_json(report)))
    assert document["coverage"] == "whole"
    assert [len(cell["items"]) for cell in document["measured"]] == [4] * 4
    assert {each["reading"] for each in document["differences"]} <= {"better", "worse", "not shown"}
    assert left.page.read_text() == "the page \\ud800\n"
    assert left.page.parent.name.startswith("harm-")
