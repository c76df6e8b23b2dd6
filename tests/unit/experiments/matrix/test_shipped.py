"""The experiments that are shipped can be begun: their files are right and their data can be made."""

from pathlib import Path

import pytest

from harness.experiments.matrix.data_sets import DataSets
from harness.experiments.matrix.run import ExperimentRequest, checked
from harness.experiments.progress import Silent
from harness.experiments.request import Places
from training.data.manifest import read_manifest

SHIPPED = sorted((Path(__file__).parents[4] / "docs" / "experiments").glob("*.toml"))
TRAININGS = {
    "context": 0,
    "decoding": 0,
    "dilution": 2,
    "lora": 6,
    "precision": 2,
    "quality": 3,
    "raft": 2,
    "remedies": 3,
}


def test_every_experiment_that_is_told_of_is_there() -> None:
    assert [path.stem for path in SHIPPED] == sorted(TRAININGS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_its_file_is_right_and_its_data_can_be_made(path: Path, where: Places, tmp_path: Path) -> None:
    experiment = checked(ExperimentRequest(path=path, places=where))
    assert experiment.trainings == TRAININGS[path.stem]
    definition = experiment.definition
    assert definition.shows
    assert definition.cannot_show
    sets = DataSets(
        definitions=definition.data,
        near=path.parent,
        folder=tmp_path / "data",
        places=where,
        task=definition.task,
        progress=Silent(),
    )
    for name in definition.data:
        manifest = read_manifest(sets.path(name))
        assert manifest is not None
        assert manifest.output.examples >= 24
