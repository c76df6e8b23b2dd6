"""Data sets are made of one another, in order, and each once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.config.task_folder import load_task
from harness.errors import InvalidDataset, InvalidExperiment
from harness.experiments.matrix.data_sets import DataSets, require_order
from harness.experiments.matrix.definition import Definition, Draw, Mix, Read, Spoil
from harness.experiments.progress import Silent
from harness.experiments.request import Places
from training.data.manifest import lineage, read_manifest
from training.data.spoil import SPOILT
from training.example import Example
from training.example_rows import read_examples

Made = Callable[[dict[str, Any]], DataSets]


@pytest.fixture
def made(defined: Callable[..., Definition], where: Places, tmp_path: Path) -> Made:
    def build(data: dict[str, Any]) -> DataSets:
        return DataSets(
            definitions=defined(data=data).data,
            near=tmp_path,
            folder=tmp_path / "sets",
            places=where,
            task="tickets",
            progress=Silent(),
        )

    return build


def examples(path: Path, where: Places) -> tuple[Example, ...]:
    return read_examples(path, task=load_task(where.tasks / "tickets"))


def test_each_comes_after_what_it_is_made_of() -> None:
    order = require_order(
        {
            "mixed": Mix(mix="noisy", general="clean"),
            "noisy": Spoil(spoil="clean", share=0.5),
            "clean": Draw(draw="tickets", count=4),
        }
    )
    assert order == ("clean", "noisy", "mixed")


def test_a_data_set_that_is_made_of_itself_is_refused_with_the_way_round() -> None:
    circle = {
        "a": Spoil(spoil="b", share=0.5),
        "b": Mix(mix="c", general="c"),
        "c": Spoil(spoil="a", share=0.5),
    }
    with pytest.raises(
        InvalidExperiment, match=r"made of itself, .*a of b of c of a|b of c of a of b|c of a of b"
    ):
        require_order(circle)
    with pytest.raises(InvalidExperiment, match="made of itself, a of a"):
        require_order({"a": Spoil(spoil="a", share=0.5)})
    with pytest.raises(InvalidExperiment, match=r"data\.a is made of 'b', which is not defined"):
        require_order({"a": Spoil(spoil="b", share=0.5), "c": Read(file="x")})


def test_what_a_set_is_made_of_is_made_first_and_stands_in_its_lineage(made: Made, where: Places) -> None:
    sets = made(
        {
            "clean": {"draw": "tickets", "count": 6, "seed": 3},
            "other": {"draw": "tickets", "count": 12, "seed": 4},
            "noisy": {"spoil": "clean", "share": 0.5},
            "twice": {"repeat": "noisy", "times": 2},
            "once": {"dedup": "twice", "ways": ["exact"]},
            "drowned": {"mix": "once", "general": "other", "dilute": 2},
        }
    )
    path = sets.path("drowned")
    found = examples(path, where)
    assert len(found) == 6 + 12
    assert sum(SPOILT in each.tags for each in found) == 3
    assert [step.step for step in lineage(path)] == ["draw", "spoil", "repeat", "dedup", "draw", "mix"]
    assert len(examples(sets.path("twice"), where)) == 12


def test_what_was_made_is_found_and_another_definition_is_another_file(made: Made) -> None:
    first = made({"clean": {"draw": "tickets", "count": 6, "seed": 3}}).path("clean")
    before = first.stat().st_mtime_ns
    again = made({"clean": {"draw": "tickets", "count": 6, "seed": 3}}).path("clean")
    assert again == first
    assert again.stat().st_mtime_ns == before
    assert made({"clean": {"draw": "tickets", "count": 6, "seed": 4}}).path("clean") != first
    noisy = {"noisy": {"spoil": "clean", "share": 0.5}}
    one = made({"clean": {"draw": "tickets", "count": 6, "seed": 3}} | noisy).path("noisy")
    other = made({"clean": {"draw": "tickets", "count": 6, "seed": 4}} | noisy).path("noisy")
    assert one != other


def test_a_file_is_found_beside_the_experiment_and_worded_by_its_task(
    made: Made, where: Places, tmp_path: Path
) -> None:
    drawn = made({"clean": {"draw": "tickets", "count": 6, "seed": 3}}).path("clean")
    (tmp_path / "mine.jsonl").write_bytes(drawn.read_bytes())
    sets = made({"mine": {"file": "mine.jsonl"}})
    path = sets.path("mine")
    assert examples(path, where) == examples(drawn, where)
    manifest = read_manifest(path)
    assert manifest is not None
    assert manifest.settings["task"] == "tickets"
    (tmp_path / "mine.jsonl").write_bytes(drawn.read_bytes().splitlines(keepends=True)[0])
    assert sets.path("mine") != path
    with pytest.raises(InvalidExperiment, match=r"none.jsonl is neither beside the experiment"):
        made({"mine": {"file": "none.jsonl"}}).path("mine")


def test_what_cannot_be_made_says_so(made: Made) -> None:
    few = {"few": {"draw": "tickets", "count": 4}, "drowned": {"mix": "few", "general": "few", "dilute": 10}}
    with pytest.raises(InvalidDataset, match="the mixture takes 40 general examples and there are 4"):
        made(few).path("drowned")
