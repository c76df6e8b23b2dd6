"""Recipes: every mistake is named with its key, its value and what is allowed."""

from pathlib import Path

import pytest

from harness import InvalidRecipe
from training.recipe import Recipe, keys, load_recipe, parse_recipe

LEAST = {"base": "smollm2-135m", "data": "train.jsonl"}


def test_a_recipe_of_two_keys_has_the_defaults_of_the_field() -> None:
    recipe = parse_recipe(LEAST, where="r.toml")
    assert (recipe.lora.rank, recipe.alpha, recipe.lora.target_modules) == (16, 16.0, "all-linear")
    assert (recipe.learning_rate, recipe.schedule, recipe.epochs) == (2e-4, "cosine", 3.0)
    assert (recipe.quantization, recipe.method, recipe.prompt_arms) == ("nf4", "sft", {"zero-shot": 1.0})


def test_alpha_is_the_rank_unless_it_is_named() -> None:
    assert parse_recipe({**LEAST, "lora": {"rank": 8}}, where="r").alpha == 8.0
    assert parse_recipe({**LEAST, "lora": {"rank": 8, "alpha": 32}}, where="r").alpha == 32.0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"epoch": 3}, "epoch is no key of a recipe: did you mean epochs?"),
        ({"lora": {"rnak": 3}}, "lora.rnak is no key of a recipe: did you mean lora.rank?"),
        ({"zzz": 3}, "zzz is no key of a recipe: leave it out"),
        ({"epochs": "3"}, "epochs is '3': input should be a valid number (passes over the examples"),
        ({"seed": True}, "seed is True: input should be a valid integer"),
        ({"lora": {"rank": 0}}, "lora.rank is 0: input should be greater than or equal to 1 (rank of"),
        ({"lora": {"target_modules": []}}, "lora.target_modules is []: an adapter needs a layer to be on"),
        ({"lora": {"target_modules": 5}}, "lora.target_modules is 5: input should be 'all-linear'"),
        ({"validation_share": 0.5}, "validation_share is 0.5: input should be less than 0.5"),
        ({"method": "ppo"}, "method is 'ppo': input should be 'sft' or 'dpo'"),
        ({"task": "t", "prompt_arms": {"zero": 1.0}}, "unknown arm 'zero'"),
        (
            {"task": "t", "prompt_arms": {"zero-shot": 0.5, "rag-3": 0.4}},
            "the shares add up to 0.9, and have to add up to 1",
        ),
        ({"prompt_arms": {"rag-3": 1.0}}, "prompt_arms beside zero-shot need a task"),
        (
            {"backend": "unsloth", "lora": {"dora": True}},
            'backend "unsloth" trains neither DoRA nor DPO here',
        ),
        ({"base": ""}, "base is '': string should have at least 1 character"),
    ],
)
def test_a_mistake_is_named_with_key_value_and_meaning(fields: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidRecipe) as raised:
        parse_recipe({**LEAST, **fields}, where="r.toml")
    assert str(raised.value).startswith("r.toml: ")
    assert said in str(raised.value)


def test_a_missing_key_is_named_with_what_it_is_for() -> None:
    with pytest.raises(
        InvalidRecipe, match=r"r\.toml: data is missing, JSON lines to learn from.*write data ="
    ):
        parse_recipe({"base": "b"}, where="r.toml")


def test_settings_stand_in_place_of_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('base = "b"\ndata = "d"\nepochs = 2.0\n[lora]\nrank = 8\nalpha = 4.0\n')
    recipe = load_recipe(path, {"epochs": 1, "lora": {"rank": 4}})
    assert (recipe.epochs, recipe.lora.rank, recipe.lora.alpha) == (1.0, 4, 4.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "could not be read"), (b"base = ", "is not TOML"), (b"\xff\xfe", "is not TOML")],
)
def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "r.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidRecipe, match=said):
        load_recipe(path)


def test_every_key_says_what_it_is_for() -> None:
    assert all(meaning for _, meaning in keys())
    assert len(dict(keys())) == sum(1 for _ in keys()) > 20


def test_a_recipe_survives_being_written_and_read() -> None:
    recipe = parse_recipe({**LEAST, "lora": {"target_modules": ["q_proj", "v_proj"]}}, where="r")
    assert parse_recipe(recipe.model_dump(mode="json"), where="again") == recipe
    assert recipe.lora.target_modules == ("q_proj", "v_proj")


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[3] / "training" / "recipes").glob("*.toml")))
def test_the_recipes_that_are_shipped_can_be_read(path: Path) -> None:
    assert isinstance(load_recipe(path), Recipe)
