"""An adapter is trained once for all that decides it, and found again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config.task_folder import task_digest
from harness.errors import InvalidDataset, InvalidExperiment
from harness.experiments.data_draw import draw_data
from harness.experiments.matrix.adapters import Adapters, LocalTrainer, heard
from harness.experiments.matrix.definition import RecipeLevel
from harness.experiments.progress import Silent
from harness.experiments.request import Places
from tests.fakes.experiments import FakeTrainer
from training.events import EpochEnded, Estimated, Finished, Said, Stepped
from training.recipe import Recipe

LEVEL = RecipeLevel(file="fractions-zero-shot.toml", set={"task": "tickets"})


@pytest.fixture
def data(tmp_path: Path, where: Places) -> Callable[[int], Path]:
    def build(seed: int) -> Path:
        out = tmp_path / f"data-{seed}.jsonl"
        draw_data("tickets", count=4, seed=seed, out=out, places=where)
        return out

    return build


@pytest.fixture
def adapters(tmp_path: Path, trainer: FakeTrainer) -> Callable[..., Adapters]:
    def build(**levels: RecipeLevel) -> Adapters:
        return Adapters(recipes=levels, near=tmp_path, folder=tmp_path / "adapters", trainer=trainer)

    return build


def test_the_last_epoch_is_asked_unless_another_is_named(
    adapters: Callable[..., Adapters], data: Callable[[int], Path]
) -> None:
    made = adapters(last=LEVEL, first=LEVEL.model_copy(update={"epoch": 1}))
    last, first = made.adapter("last", data(1)), made.adapter("first", data(1))
    assert (last.name, first.name) == ("epoch-2", "epoch-1")
    assert last.parent == first.parent
    assert made.base("last") == "smollm2-135m"
    with pytest.raises(InvalidExperiment, match=r"recipe\.late asks for epoch 3, but training .* after 2"):
        adapters(late=LEVEL.model_copy(update={"epoch": 3})).adapter("late", data(1))


def test_a_folder_is_named_for_settings_examples_and_surroundings_and_not_for_paths(
    adapters: Callable[..., Adapters],
    data: Callable[[int], Path],
    trainer: FakeTrainer,
    where: Places,
    tmp_path: Path,
) -> None:
    made = adapters(
        plain=LEVEL, wide=LEVEL.model_copy(update={"set": {"task": "tickets", "lora": {"rank": 8}}})
    )
    elsewhere = tmp_path / "elsewhere.jsonl"
    draw_data("tickets", count=4, seed=1, out=elsewhere, places=where)
    same = made.adapter("plain", data(1)).parent
    assert made.adapter("plain", elsewhere).parent == same
    others = {made.adapter("plain", data(2)).parent, made.adapter("wide", data(1)).parent}
    trainer.around = ("another base",)
    others.add(made.adapter("plain", data(1)).parent)
    assert len({same, *others}) == 4


def test_a_seed_takes_the_place_of_the_recipes_and_trains_anew(
    adapters: Callable[..., Adapters], data: Callable[[int], Path], trainer: FakeTrainer
) -> None:
    made = adapters(plain=LEVEL)
    own, other = made.adapter("plain", data(1)), made.adapter("plain", data(1), seed="7")
    assert own.parent != other.parent
    assert [recipe.seed for recipe, _, _ in trainer.asked] == [trainer.asked[0][0].seed, 7]
    assert made.adapter("plain", data(1), seed="7") == other


def test_examples_without_a_manifest_are_not_trained_on(
    adapters: Callable[..., Adapters], tmp_path: Path
) -> None:
    (tmp_path / "bare.jsonl").write_text("{}\n")
    with pytest.raises(InvalidDataset, match="has lost its manifest"):
        adapters(plain=LEVEL).adapter("plain", tmp_path / "bare.jsonl")


def test_a_finished_training_is_found_without_looking_anything_up(where: Places, tmp_path: Path) -> None:
    for name in ("epoch-1", "epoch-2", "run"):
        (tmp_path / "out" / name).mkdir(parents=True)
    (tmp_path / "out" / "finished.json").write_text("{}")
    trainer = LocalTrainer(places=where, accepted_by="Ada", progress=Silent())
    recipe = Recipe(base="nowhere", data="none.jsonl")
    found = trainer.train(recipe, tmp_path / "none.jsonl", tmp_path / "out")
    assert [folder.name for folder in found] == ["epoch-1", "epoch-2"]


def test_the_base_the_task_and_who_retrieves_decide_an_adapter_too(where: Places) -> None:
    trainer = LocalTrainer(places=where, accepted_by="Ada", progress=Silent())
    base = "http://127.0.0.1:1/v1#m"
    plain = trainer.surroundings(Recipe(base=base, data="x"))
    tasked = trainer.surroundings(Recipe(base=base, data="x", task="tickets"))
    retrieved = trainer.surroundings(
        Recipe(base=base, data="x", task="tickets", prompt_arms={"zero-shot": 0.5, "rag-3": 0.5})
    )
    assert plain == (base, "", "")
    assert tasked == (base, task_digest(where.tasks / "tickets"), "")
    assert retrieved[:2] == tasked[:2]
    assert retrieved[2].startswith("minilm")


def test_what_a_training_tells_becomes_stages() -> None:
    said: list[str] = []
    hear = heard(said.append)
    hear(Said("rendering"))
    hear(
        Estimated(
            parts={},
            memory_bytes=1,
            available_bytes=2,
            duration_s=600.0,
            steps=45,
            examples=180,
            longest_tokens=300,
            trainable_parameters=1,
        )
    )
    hear(
        Stepped(step=3, steps=45, epoch=0.1, loss=1.23456, examples_per_s=0.2, tokens_per_s=60.0, left_s=1.0)
    )
    hear(EpochEnded(epoch=1.0, training_loss=1.0, validation_loss=None, folder="epoch-1"))
    hear(Finished(elapsed_s=1.0, peak_memory_bytes=1, estimated_memory_bytes=1, stopped_early=False))
    assert said == [
        "rendering",
        "training: 45 steps, about 10 min",
        "training: step 3 of 45, loss 1.235",
        "epoch 1 is trained",
    ]
