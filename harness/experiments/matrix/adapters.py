"""Recipes and data sets -> adapters, each trained once under the digest of all that decides it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.errors import InvalidDataset, InvalidExperiment
from harness.experiments.matrix.definition import RecipeLevel
from harness.experiments.progress import Progress
from harness.experiments.request import Places
from harness.experiments.training import TrainRequest, train
from training.data.manifest import read_manifest
from training.events import EpochEnded, Estimated, Event, Said, Stepped
from training.recipe import Recipe, load_recipe

_SHIPPED = Path(__file__).parents[3] / "training" / "recipes"


class Trainer(Protocol):
    """Turns a recipe on a file of examples into the adapters of its epochs, in order."""

    def train(self, recipe: Recipe, data: Path, out: Path) -> tuple[Path, ...]:
        """Return the adapters in `out`, trained now, gone on with, or found finished."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTrainer:
    """Trains in a process beside this one; `accepted_by` takes data that nobody has read."""

    places: Places
    accepted_by: str
    progress: Progress
    mongodb_uri: str | None = None

    def train(self, recipe: Recipe, data: Path, out: Path) -> tuple[Path, ...]:
        """Return the adapters; raises as `harness.experiments.training.train` does."""
        request = TrainRequest(
            recipe=recipe,
            near=data.parent,
            out=out,
            places=self.places,
            accepted_by=self.accepted_by,
            mongodb_uri=self.mongodb_uri,
        )
        return train(request, self.progress.say, heard(self.progress.say)).epochs


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """Finds or trains the adapter of a recipe on a data set, in folders under `folder`."""

    recipes: Mapping[str, RecipeLevel]
    near: Path
    folder: Path
    trainer: Trainer

    def base(self, name: str) -> str:
        """Return the base of a recipe, which is what an untrained cell asks."""
        return self._recipe(name, "unread.jsonl").base

    def adapter(self, name: str, data: Path) -> Path:
        """Return the folder of the epoch that the recipe called `name` asks for.

        Raises `InvalidExperiment` for an epoch that the recipe does not have, and what the
        trainer raises.
        """
        recipe, level = self._recipe(name, str(data)), self.recipes[name]
        out = self.folder / training_digest(recipe, data)[:16]
        epochs = self.trainer.train(recipe, data, out)
        number = level.epoch or len(epochs)
        if not 1 <= number <= len(epochs):
            raise InvalidExperiment(
                f"recipe.{name} asks for epoch {number}, but {out} has {len(epochs)}: name one of them, or "
                "set epochs"
            )
        return epochs[number - 1]

    def require(self, names: tuple[str, ...]) -> None:
        """Raise `InvalidRecipe` or `InvalidExperiment` for a recipe that cannot be trained as written."""
        for name in names:
            recipe, level = self._recipe(name, "unread.jsonl"), self.recipes[name]
            if level.epoch is not None and level.epoch > recipe.epochs:
                raise InvalidExperiment(
                    f"recipe.{name}.epoch is {level.epoch}, but the recipe has {recipe.epochs:g} epochs: "
                    "raise epochs in set, or ask for an earlier one"
                )

    def _recipe(self, name: str, data: str) -> Recipe:
        level = self.recipes[name]
        if "data" in level.set:
            raise InvalidExperiment(
                f"recipe.{name}.set names data, but data sets are a factor here: leave it out"
            )
        places = (self.near / level.file, Path(level.file), _SHIPPED / level.file)
        path = next((place for place in places if place.is_file()), places[0])
        return load_recipe(path, {**level.set, "data": data})


def training_digest(recipe: Recipe, data: Path) -> str:
    """Return the hex sha256 of a recipe without its paths, and of the examples it is given.

    Raises `InvalidDataset` for a file that no step of the data room has left.
    """
    manifest = read_manifest(data)
    if manifest is None:
        raise InvalidDataset(f"{data} has lost its manifest: remove it, and it is made again")
    fields = recipe.model_dump(mode="json", exclude={"data"})
    whole = json.dumps([fields, manifest.output.digest], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def heard(say: Callable[[str], None]) -> Callable[[Event], None]:
    """Return who tells the events of a training as stages."""

    def hear(event: Event) -> None:
        match event:
            case Said(stage):
                say(stage)
            case Estimated():
                say(f"training: {event.steps} steps, about {event.duration_s / 60:.0f} min")
            case Stepped():
                say(f"training: step {event.step} of {event.steps}, loss {event.loss:.3f}")
            case EpochEnded():
                say(f"epoch {event.epoch:g} is trained")
            case _:
                pass

    return hear
