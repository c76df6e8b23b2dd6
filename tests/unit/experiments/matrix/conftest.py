"""Experiments without servers and without training: who trains and who scores is stood in for."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.config.task_folder import find_task
from harness.domain.manifest import GateManifest
from harness.domain.run import RunSpec, Side
from harness.experiments.matrix.definition import Definition
from harness.experiments.matrix.file import parse_definition
from harness.experiments.request import GateRequest, Places, places
from harness.store.gate_folder import GateFolder
from tests.fakes.experiments import FakeGate, FakeTrainer, Watched

ITEMS = ("i0", "i1", "i2", "i3")
Fields = dict[str, Any]


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("WEIGHBRIDGE_CACHE", str(tmp_path / "cache"))
    return places(tmp_path / "results")


@pytest.fixture
def fields() -> Fields:
    """Two data sets, one of which is made of the other, under two arms."""
    return {
        "question": "Do wrong replies harm?",
        "task": "tickets",
        "items": 4,
        "reference": {"data": "none", "arm": "zero-shot"},
        "factors": {
            "data": ["none", "clean", "noisy"],
            "recipe": ["small"],
            "arm": ["zero-shot", "rag-3"],
        },
        "data": {
            "clean": {"draw": "tickets", "count": 8, "seed": 3},
            "noisy": {"spoil": "clean", "share": 0.5},
        },
        "recipe": {"small": {"file": "fractions-zero-shot.toml", "set": {"task": "tickets", "epochs": 2}}},
    }


@pytest.fixture
def defined(fields: Fields) -> Callable[..., Definition]:
    """Reads the experiment with some of its fields replaced; None leaves one out."""

    def build(**changed: object) -> Definition:
        whole = {key: value for key, value in (fields | changed).items() if value is not None}
        return parse_definition(whole, where="file.toml")

    return build


@pytest.fixture
def trainer() -> FakeTrainer:
    return FakeTrainer()


@pytest.fixture
def gate(
    where: Places,
    a_run: Callable[..., RunSpec],
    results_of: Callable[..., Any],
    recorded: Callable[..., tuple[GateManifest, object]],
) -> FakeGate:
    """Scores an untrained base 0, and what was trained 1 under zero-shot and a half otherwise."""

    def make(request: GateRequest, results: Path, *, lost: int) -> GateFolder:
        is_trained = "epoch-" in request.checkpoint
        names = [find_task(task, tasks_dir=where.tasks).name for task in request.tasks]
        runs = [
            a_run(Side.CANDIDATE, ITEMS, subject=name, arm=str(arm)) for name in names for arm in request.arms
        ]
        template, _ = recorded({"sums": ([1.0],)})
        manifest = dataclasses.replace(template, runs=tuple(runs), policy=request.policy)
        with GateFolder.create(results, manifest) as folder:
            for run in runs:
                value = (1.0 if str(run.candidate.arm) == "zero-shot" else 0.5) * is_trained
                with folder.journal(run.id) as journal:
                    for result in results_of(run, [value] * len(ITEMS))[lost:]:
                        journal.append(result)
        return folder

    return FakeGate(where.results, make)


@pytest.fixture
def watch() -> Watched:
    return Watched()
