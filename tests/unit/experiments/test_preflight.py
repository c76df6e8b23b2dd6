"""Pre-flight from files: an endpoint stands for the base, and is never asked anything."""

import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from harness.config.task_folder import load_task
from harness.domain.arm import parse_arm
from harness.domain.policy import Policy
from harness.domain.run import Candidate, ItemResult, RunKind, RunSpec, Side
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status
from harness.errors import InvalidDataset, InvalidTask, UsageError
from harness.experiments.preflight import PreflightRequest, motivation_named, run_preflight
from harness.experiments.progress import Silent
from harness.experiments.request import places
from harness.store.gate_folder import GateFolder
from serving.checkpoints import resolve_checkpoint
from serving.hardware import hardware
from tests.fakes.manifests import a_manifest
from training.example_rows import examples_digest, read_examples
from training.preflight.checklist import Advice
from training.preflight.facts import Intent, Motivation
from training.recipe import load_recipe

BASE, STRONGER = "http://127.0.0.1:9/v1#small", "http://127.0.0.1:9/v1#large"
TODAY = date(2026, 11, 25)
ResultsOf = Callable[..., tuple[ItemResult, ...]]
TASK = """
from harness import Decoding, Score

SYSTEM = "Add."
DECODING = Decoding(max_tokens=8)

def ask(inputs):
    return f"{inputs['a']} + {inputs['b']}"

def score(item, reply):
    return Score(value=1.0)
"""


@pytest.fixture
def request_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PreflightRequest:
    monkeypatch.chdir(tmp_path)
    _write_task(tmp_path / "sums")
    rows = [{"inputs": {"a": n, "b": 2}, "output": str(n + 2)} for n in range(200)]
    _lines(tmp_path / "train.jsonl", rows)
    return PreflightRequest(
        task="sums",
        base=BASE,
        data=Path("train.jsonl"),
        intent=Intent(motivation=Motivation.PRIVACY, owner="Ada", target=0.9),
        places=places(tmp_path / "results"),
        stable_days=0,
        recipe_out=tmp_path / "made" / "recipe.toml",
    )


@pytest.fixture
def complete(request_of: PreflightRequest, results_of: ResultsOf, tmp_path: Path) -> PreflightRequest:
    """The request with everything recorded that pre-flight asks for."""
    runs = ((BASE, "zero-shot", None), (BASE, "fewshot-3", None), (BASE, "rag-2", None), (BASE, "rag-2", 0.7))
    for number, (label, arm, temperature) in enumerate(runs):
        _record(request_of, results_of, f"g{number}", (label, arm, temperature, [0.5, 0.4] * 30))
    _record(request_of, results_of, "large", (STRONGER, "zero-shot", None, [1.0, 0.9] * 30))
    digest = examples_digest(read_examples(Path("train.jsonl"), task=load_task(tmp_path / "sums")))
    audit = {"format_version": 1, "step": "audit", "data_digest": digest, "findings": [], "read_by": "Ada"}
    marks = [{"example_id": str(n), "accepted": True} for n in range(50)]
    review = {"sampling": {"data_digest": digest}, "reviewer": "Ada", "marks": marks}
    _lines(tmp_path / "audit.json", [audit])
    _lines(tmp_path / "review.json", [review])
    return dataclasses.replace(
        request_of, audit=Path("audit.json"), review=Path("review.json"), stronger=STRONGER
    )


def test_what_is_recorded_lets_training_proceed_with_a_recipe(complete: PreflightRequest) -> None:
    found = run_preflight(complete, TODAY, Silent())
    assert [(check.name, check.reason) for check in found.checklist.open] == []
    assert found.checklist.advice is Advice.PROCEED
    assert complete.recipe_out is not None
    recipe = load_recipe(complete.recipe_out)
    assert recipe.prompt_arms == {"zero-shot": 0.5, "rag-2": 0.5}
    assert (recipe.base, recipe.task, recipe.epochs) == (BASE, "sums", 3.0)


def test_without_records_nothing_is_written_and_commands_are_told(request_of: PreflightRequest) -> None:
    found = run_preflight(request_of, TODAY, Silent())
    assert (found.checklist.advice, found.recipe) == (Advice.DO_NOT_TRAIN, None)
    assert request_of.recipe_out is not None
    assert not request_of.recipe_out.exists()
    commands = [check.command for check in found.checklist.open]
    assert f"weighbridge eval --checkpoint '{BASE}' --arms rag-3 --tasks sums" in commands


def test_runs_on_other_content_of_the_task_do_not_count(complete: PreflightRequest, tmp_path: Path) -> None:
    with (tmp_path / "sums" / "task.py").open("a", encoding="utf-8") as source:
        source.write("# reworded\n")
    names = [check.name for check in run_preflight(complete, TODAY, Silent()).checklist.open]
    assert names[:3] == ["prompted baseline", "few-shot", "retrieved examples"]


def test_one_changed_example_takes_audit_and_review_away(complete: PreflightRequest, tmp_path: Path) -> None:
    with (tmp_path / "train.jsonl").open("a", encoding="utf-8") as data:
        data.write(json.dumps({"inputs": {"a": 7, "b": 7}, "output": "14"}) + "\n")
    names = [check.name for check in run_preflight(complete, TODAY, Silent()).checklist.open]
    assert names == ["audited data", "data that was read"]


def test_an_audit_beside_the_data_is_found(complete: PreflightRequest, tmp_path: Path) -> None:
    (tmp_path / "audit.json").rename(tmp_path / "train.jsonl.audit.json")
    found = run_preflight(dataclasses.replace(complete, audit=None), TODAY, Silent())
    assert found.checklist.advice is Advice.PROCEED


def test_an_evaluation_item_among_the_examples_is_told(complete: PreflightRequest, tmp_path: Path) -> None:
    with (tmp_path / "train.jsonl").open("a", encoding="utf-8") as data:
        data.write(json.dumps({"inputs": {"a": 1, "b": 1}, "output": "2"}) + "\n")
    told = {check.name: check for check in run_preflight(complete, TODAY, Silent()).checklist.open}
    assert told["held-out items"].reason == "1 of 60 items are in the training data, first i1"


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"data": Path("none.jsonl")}, InvalidDataset, "none.jsonl could not be read"),
        ({"task": "nonsense"}, InvalidTask, "unknown task 'nonsense'"),
        ({"audit": Path("none.json")}, InvalidDataset, "none.json could not be read"),
        ({"intent": Intent(target=1.5)}, UsageError, "the target is 1.5"),
        ({"intent": Intent(target=float("nan"))}, UsageError, "the target is nan"),
    ],
)
def test_what_cannot_be_read_is_said_and_not_taken_for_no(
    request_of: PreflightRequest, change: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        run_preflight(dataclasses.replace(request_of, **change), TODAY, Silent())


def test_a_motivation_that_training_does_not_serve_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown motivation 'facts': use strict-format, style"):
        motivation_named("facts")


def _record(
    request: PreflightRequest,
    results_of: ResultsOf,
    gate_id: str,
    said: tuple[str, str, float | None, Sequence[float]],
) -> None:
    label, arm, temperature, values = said
    task = load_task(Path(request.task))
    run = RunSpec(
        id="task.sums.candidate",
        pair="task.sums",
        kind=RunKind.TASK,
        side=Side.CANDIDATE,
        candidate=Candidate(
            checkpoint=resolve_checkpoint(
                label,
                cache=request.places.cache,
                precision=hardware().precision,
                max_model_len=8192,
                say=lambda _: None,
            ),
            arm=parse_arm(arm),
        ),
        subject=task.name,
        subject_digest=task.digest,
        item_ids=tuple(item.id for item in task.items),
    )
    manifest = a_manifest(
        gate_id=gate_id,
        policy=Policy(temperature=temperature),
        suites=(Suite.TARGET_METRIC,),
        runs=(run,),
    )
    with GateFolder.create(request.places.results, manifest) as folder:
        with folder.journal(run.id) as journal:
            for result in results_of(run, values):
                journal.append(result)
        folder.finish(GateVerdict(status=Status.INVALID, reason="an evaluation alone", verdicts=()))


def _write_task(folder: Path) -> None:
    folder.mkdir()
    (folder / "task.py").write_text(TASK, encoding="utf-8")
    (folder / "schema.json").write_text("{}", encoding="utf-8")
    _lines(
        folder / "items.jsonl",
        [{"id": f"i{n}", "cluster": f"c{n}", "inputs": {"a": n, "b": 1}} for n in range(1, 61)],
    )
    _lines(
        folder / "gold.jsonl",
        [{"id": f"g{n}", "inputs": {"a": n, "b": 100}, "output": str(n + 100)} for n in range(1, 6)],
    )
    # Written on the day that the tests take for today, whatever day it is.
    written_s = datetime.combine(TODAY, time(), UTC).timestamp()
    for path in folder.iterdir():
        os.utime(path, (written_s, written_s))


def _lines(path: Path, rows: Sequence[object]) -> None:
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
