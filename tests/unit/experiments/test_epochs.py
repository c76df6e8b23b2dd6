"""Every epoch is scored as it would be served; who serves is stood in for here, and real elsewhere."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.config.task_folder import load_task
from harness.domain.prompt import Message, Role
from harness.domain.response import FinishReason, Response
from harness.domain.run import ItemResult
from harness.domain.score import Score
from harness.domain.suite import Suite
from harness.errors import InvalidRecipe, StoreError
from harness.experiments import epochs as scoring
from harness.experiments.epochs import EpochRequest, score_epochs, summed_up
from harness.experiments.progress import Silent
from harness.experiments.request import GateRequest, Purpose, places
from harness.experiments.training import Trained
from harness.experiments.training_rows import Lesson
from training.certificate import Certificate, write_certificate

TICKETS = Path(__file__).parents[3] / "suites" / "tasks" / "tickets"


def results(metric: str, values: Sequence[float]) -> tuple[ItemResult, ...]:
    reply = Response(text="x", finish_reason=FinishReason.STOP, prompt_tokens=1, completion_tokens=1)
    other = {} if metric == "choice" else {"schema": Score(value=1.0)}
    return tuple(
        ItemResult(
            run_id="r",
            item_id=f"i{number}",
            cluster="c",
            outcome=reply,
            scores={metric: Score(value=value), **other},
        )
        for number, value in enumerate(values)
    )


def test_means_are_taken_over_arms_and_probes_apart() -> None:
    found = summed_up(
        2,
        {
            "a": results("target", [1.0, 0.0]),
            "b": results("target", [0.5, 0.5]),
            "p": results("choice", [1.0, 0.0, 0.0, 0.0]),
        },
        {"a": "zero-shot", "b": "rag-3", "p": "zero-shot"},
    )
    assert (found.epoch, found.target, found.valid, found.probe, found.items) == (2, 0.5, 1.0, 0.25, 2)
    assert found.by_arm == {"zero-shot": 0.5, "rag-3": 0.5}
    assert found.target_se == pytest.approx(0.2041, abs=1e-4)
    with pytest.raises(StoreError, match="run a has no results"):
        summed_up(1, {"a": ()}, {"a": "zero-shot"})


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    """Two epochs with certificates, and what was not learnt."""
    folders = []
    for number in (1, 2):
        folder = tmp_path / f"epoch-{number}"
        folder.mkdir()
        certificate = Certificate(
            created_at=str(number),
            method="sft",
            base="smollm2-135m",
            base_digest="b",
            quantization="nf4",
            prompt_arms={"zero-shot": 1.0},
            task="tickets",
            data_digest="d",
            examples=3,
            template_digest="t",
            recipe={"prompt_arms": {"rag-3": 0.5, "zero-shot": 0.5}},
            losses=((float(number), 0.5 / number, 0.4 * number),),
        )
        write_certificate(folder, certificate, frozenset())
        folders.append(folder)
    task = load_task(TICKETS)
    lessons = tuple(
        Lesson(
            id=gold.id,
            question=task.ask(gold.inputs),
            prompt=(Message(role=Role.USER, content="x"),),
            replies={"completion": gold.output},
            inputs=gold.inputs,
            source="",
        )
        for gold in task.gold[:3]
    )
    return Trained(
        out=tmp_path, epochs=tuple(folders), finished=None, validation=lessons, task=task, task_name="tickets"
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[GateRequest]:
    """What the gate was asked, which here scores the base 0, epoch 1 a half and epoch 2 whole."""
    seen: list[GateRequest] = []

    def gate(request: GateRequest, _progress: object) -> SimpleNamespace:
        seen.append(request)
        target = {"smollm2-135m": 0.0, "epoch-1": 0.5, "epoch-2": 1.0}[Path(request.checkpoint).name]
        runs = {
            **{str(arm): results("target", [target] * 3) for arm in request.arms},
            "probe": results("choice", [1.0, 0.0]),
        }
        named = [SimpleNamespace(id=name, candidate=SimpleNamespace(arm=name)) for name in runs]
        folder = SimpleNamespace(manifest=SimpleNamespace(runs=named), results=runs.__getitem__)
        return SimpleNamespace(folder=folder)

    monkeypatch.setattr(scoring, "run_gate", gate)
    return seen


def test_base_and_epochs_are_asked_what_none_learnt_and_the_best_is_linked(
    trained: Trained, asked: list[GateRequest], tmp_path: Path
) -> None:
    request = EpochRequest(trained=trained, places=places(tmp_path / "scores"), items=3)
    found = score_epochs(request, Silent())
    assert [Path(each.checkpoint).name for each in asked] == ["smollm2-135m", "epoch-1", "epoch-2"]
    assert {each.purpose for each in asked} == {Purpose.SCORE}
    assert {tuple(map(str, each.arms)) for each in asked} == {("rag-3", "zero-shot")}
    assert Suite.FORGETTING in asked[0].suites
    (held,) = {task for each in asked for task in each.tasks}
    assert [item.id for item in load_task(Path(held)).items] == [lesson.id for lesson in trained.validation]
    assert found.choice.epoch == 2
    assert (tmp_path / "chosen").resolve() == trained.epochs[1]
    assert "from epoch 2 on it overfits" in found.choice.warnings[0]
    document = json.loads((tmp_path / "epochs.json").read_text())
    assert document["scored_on"] == "validation examples"
    assert [each["target"] for each in document["epochs"]] == [0.0, 0.5, 1.0]


def test_what_was_scored_is_not_asked_again_unless_more_is_asked(
    trained: Trained, asked: list[GateRequest], tmp_path: Path
) -> None:
    where = places(tmp_path / "scores")
    first = score_epochs(EpochRequest(trained=trained, places=where, items=3), Silent())
    again = score_epochs(EpochRequest(trained=trained, places=where, items=3), Silent())
    assert len(asked) == 3
    assert again.scores == first.scores
    score_epochs(EpochRequest(trained=trained, places=where, items=2), Silent())
    assert len(asked) == 6


def test_a_training_without_a_task_or_epochs_cannot_be_scored(trained: Trained, tmp_path: Path) -> None:
    for lacking in (replace(trained, task=None), replace(trained, epochs=())):
        with pytest.raises(InvalidRecipe, match="name a task in the recipe and train an epoch"):
            score_epochs(EpochRequest(trained=lacking, places=places(tmp_path)), Silent())
