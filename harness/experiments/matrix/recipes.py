"""The recipes of an experiment, as their files say and their levels set otherwise."""

from collections.abc import Mapping
from pathlib import Path

from harness.errors import InvalidExperiment
from harness.experiments.matrix.definition import RecipeLevel
from training.recipe import Recipe, load_recipe

_SHIPPED = Path(__file__).parents[3] / "training" / "recipes"
_ANY_DATA = "data.jsonl"


def recipe_of(name: str, level: RecipeLevel, *, near: Path, data: str = _ANY_DATA) -> Recipe:
    """Return the recipe called `name` for a file of examples.

    Its file is looked up in `near`, where the program runs, and among those that are shipped.
    Raises `InvalidRecipe`, and `InvalidExperiment` for what an experiment cannot vary.
    """
    if "data" in level.set:
        raise InvalidExperiment(
            f"recipe.{name}.set names data, but data sets are a factor here: leave it out"
        )
    places = (near / level.file, Path(level.file), _SHIPPED / level.file)
    path = next((place for place in places if place.is_file()), places[0])
    return load_recipe(path, {**level.set, "data": data})


def require_recipes(levels: Mapping[str, RecipeLevel], *, near: Path) -> None:
    """Raise `InvalidRecipe` or `InvalidExperiment` for the first recipe that cannot be trained here."""
    for name, level in levels.items():
        recipe = recipe_of(name, level, near=near)
        if recipe.method == "dpo":
            raise InvalidExperiment(
                f"recipe.{name} learns preferences, but data sets here are solved examples: set method to sft"
            )
        if recipe.validation is not None:
            raise InvalidExperiment(
                f"recipe.{name} validates on {recipe.validation}, but an experiment keeps a share of each "
                "data set for that: leave validation out"
            )
        if level.epoch is not None and level.epoch > recipe.epochs:
            raise InvalidExperiment(
                f"recipe.{name}.epoch is {level.epoch}, but the recipe has {recipe.epochs:g} epochs: raise "
                "epochs in set, or ask for an earlier one"
            )
