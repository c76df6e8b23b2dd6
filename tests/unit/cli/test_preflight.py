"""`weighbridge preflight` as a user meets it; the base is an endpoint that nobody answers at."""

import json
import shutil
from pathlib import Path

import pytest

from tests.fakes.fixtures import Done, Finished, RunProgram
from tests.fakes.tickets import TICKETS

NOWHERE = "http://127.0.0.1:9/v1#nobody"


@pytest.fixture
def data(in_tmp: Path) -> Path:
    path = in_tmp / "train.jsonl"
    shutil.copyfile(TICKETS / "gold.jsonl", path)
    return path


def asked(weighbridge: RunProgram, data: Path, *more: object, base: str = NOWHERE) -> Done:
    return weighbridge("preflight", "--task", "tickets", "--base", base, "--data", data, *more)


def test_an_empty_store_says_do_not_train_with_what_to_do_first(weighbridge: RunProgram, data: Path) -> None:
    done = asked(weighbridge, data, "--recipe-out", "recipe.toml", "--stable-days", 0)
    assert done.status == 1
    lines = done.out.splitlines()
    assert lines[0] == "DO NOT TRAIN  2 of 13 questions are answered with yes."
    assert f"  NO  few-shot            no run of {NOWHERE} under fewshot is recorded" in done.out
    assert lines[lines.index("Do first:") + 1] == "  1. prompted baseline: Measure the base under zero-shot"
    command = f"weighbridge eval --checkpoint '{NOWHERE}' --arms zero-shot --tasks tickets"
    assert f"     {command}" in lines
    assert not (data.parent / "recipe.toml").exists()


def test_recorded_gates_are_what_answers(
    weighbridge: RunProgram, data: Path, finished: Finished, results: Path
) -> None:
    gate = json.loads(finished.regressed.out)["gate"]
    runs = json.loads((Path(gate) / "manifest.json").read_bytes())["runs"]
    base = next(run["candidate"]["checkpoint"]["label"] for run in runs if run["side"] == "candidate")
    done = asked(weighbridge, data, "--results", results, "--json", base=base)
    assert done.status == 1
    told = {check["name"]: check for check in json.loads(done.out)["checks"]}
    assert told["prompted baseline"]["answer"] == "yes"
    assert f"(gate {Path(gate).name})" in told["prompted baseline"]["reason"]
    assert told["few-shot"]["command"].endswith("--arms fewshot-3 --tasks tickets --results finished")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--motivation", "fun"), "unknown motivation 'fun': use strict-format, style"),
        (("--target", 80), "the target is 80.0: scores lie in [0, 1]"),
        (("--audit", "absent.json"), "absent.json could not be read"),
        (("--arms", "rag"), "unknown arm 'rag'"),
        (("--task", "sums"), "unknown task 'sums'"),
        (("--base", "nonsense"), "unknown checkpoint 'nonsense'"),
    ],
)
def test_what_cannot_be_told_is_one_sentence_and_status_2(
    weighbridge: RunProgram, data: Path, options: tuple[object, ...], sentence: str
) -> None:
    done = asked(weighbridge, data, *options)
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith(f"weighbridge: {sentence}")


def test_a_broken_line_is_named_by_its_number(weighbridge: RunProgram, data: Path) -> None:
    with data.open("a", encoding="utf-8") as file:
        file.write("{oops\n")
    done = asked(weighbridge, data)
    assert done.status == 2
    assert f"{data}, line 586 is no training example" in done.complaint
