"""What a gate measured of a cell, and when that is not to be used."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.domain.experiment import Cell, Hole, Measured, Wait
from harness.domain.manifest import GateManifest
from harness.domain.response import FailureKind, GenerationFailure, Timing
from harness.domain.run import RunKind, RunSpec, Side
from harness.errors import StoreError
from harness.experiments.matrix.scores import is_sound, outcome_of
from harness.store.gate_folder import GateFolder

CELL = Cell(checkpoint="a")
DOWN = GenerationFailure(kind=FailureKind.TIMEOUT, message="no reply after 60 s")
Folder = Callable[..., GateFolder]


@pytest.fixture
def folder(
    tmp_path: Path,
    a_run: Callable[..., RunSpec],
    results_of: Callable[..., Any],
    recorded: Callable[..., tuple[GateManifest, object]],
) -> Folder:
    """Leaves a gate with a run of these values, and waiting times if any are given."""

    def build(
        values: list[Any], *, planned: int | None = None, waits: list[Timing] | None = None
    ) -> GateFolder:
        names = [f"i{number}" for number in range(planned or len(values))]
        runs = [(a_run(Side.CANDIDATE, names), values)]
        if waits is not None:
            timed = a_run(Side.CANDIDATE, names[: len(waits)], kind=RunKind.LATENCY)
            runs.append((timed, waits))
        manifest = dataclasses.replace(recorded({"sums": ([1.0],)})[0], runs=tuple(run for run, _ in runs))
        with GateFolder.create(tmp_path, manifest) as made:
            for run, given in runs:
                asked = dataclasses.replace(run, item_ids=run.item_ids[: len(given)])
                with made.journal(run.id) as journal:
                    for result in results_of(asked, given):
                        journal.append(result)
        return made

    return build


def test_a_cell_is_its_items_in_the_order_they_were_planned(folder: Folder) -> None:
    made = folder([1.0, 0.5], waits=[Timing(ttft_s=0.1, e2e_s=0.4, tpot_s=None)])
    found = outcome_of(CELL, "sums", made)
    assert isinstance(found, Measured)
    assert [(each.item_id, each.target, each.prompt_tokens) for each in found.items] == [
        ("i0", 1.0, 9),
        ("i1", 0.5, 9),
    ]
    assert found.waits == (Wait(ttft_s=0.1, e2e_s=0.4),)
    assert (found.gate, found.checkpoint) == (str(made.path), "the-candidate")
    assert is_sound(made)


def test_requests_that_failed_leave_a_hole_which_is_measured_again(folder: Folder) -> None:
    made = folder([1.0, DOWN, DOWN])
    found = outcome_of(CELL, "sums", made)
    assert isinstance(found, Hole)
    assert found.reason == "2 of 3 requests failed, the first with timeout: no reply after 60 s"
    assert not is_sound(made)


def test_a_few_failures_score_zero_and_stay(folder: Folder) -> None:
    found = outcome_of(CELL, "sums", folder([1.0] * 99 + [DOWN]))
    assert isinstance(found, Measured)
    assert (found.items[99].target, found.items[99].failed, found.items[99].prompt_tokens) == (
        0.0,
        True,
        None,
    )


def test_results_that_are_missing_are_never_passed_over(folder: Folder) -> None:
    made = folder([1.0], planned=2)
    with pytest.raises(StoreError, match="holds 1 of 2 results"):
        outcome_of(CELL, "sums", made)
    with pytest.raises(StoreError, match="has no run of tickets under zero-shot"):
        outcome_of(CELL, "tickets", made)
