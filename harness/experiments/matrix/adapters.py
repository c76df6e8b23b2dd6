"""Recipes and data sets -> adapters, each trained once under the digest of all that decides it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.config.task_folder import find_task, task_digest
from harness.domain.arm import ArmKind, parse_arm
from harness.errors import InvalidDataset, InvalidExperiment
from harness.experiments.matrix.definition import RecipeLevel
from harness.experiments.matrix.recipes import recipe_of
from harness.experiments.progress import Progress
from harness.experiments.request import Places
from harness.experiments.training import TrainRequest, train
from serving.checkpoints import resolve_checkpoint
from serving.digest import weights_digest
from serving.embedder_choice import embedder_name
from serving.hardware import hardware
from training.data.manifest import read_manifest
from training.events import EpochEnded, Estimated, Event, Said, Stepped
from training.job import epoch_folders
from training.recipe import Recipe


class Trainer(Protocol):
    """Turns a recipe on a file of examples into the adapters of its epochs, in order."""

    def surroundings(self, recipe: Recipe) -> Sequence[str]:
        """Return digests of all that decides the weights besides the recipe and its examples."""
        ...

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

    def surroundings(self, recipe: Recipe) -> tuple[str, ...]:
        """Return the digests of the base's weights, of the task, and of who retrieves examples."""
        cache = self.places.cache
        base = resolve_checkpoint(
            recipe.base,
            cache=cache,
            precision=hardware().precision,
            max_model_len=recipe.max_tokens,
            say=self.progress.say,
        )
        retrieves = any(parse_arm(name).kind is ArmKind.RAG for name in recipe.prompt_arms)
        return (
            recipe.base if base.weights is None else weights_digest(base.weights, cache=cache),
            task_digest(find_task(recipe.task, tasks_dir=self.places.tasks)) if recipe.task else "",
            embedder_name(self.places.embedder, cache=cache) if retrieves else "",
        )

    def train(self, recipe: Recipe, data: Path, out: Path) -> tuple[Path, ...]:
        """Return the adapters; raises as `harness.experiments.training.train` does."""
        if (out / "finished.json").is_file():
            # Its folder is named for all that decides it, so there is nothing to look up or render.
            return epoch_folders(out)
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
        return recipe_of(name, self.recipes[name], near=self.near).base

    def adapter(self, name: str, data: Path, *, seed: str = "") -> Path:
        """Return the folder of the epoch that the recipe called `name` asks for, trained from `seed`.

        Without a seed it is the recipe's own.
        Raises `InvalidExperiment` for an epoch that was not reached, and what the trainer raises.
        """
        level = self.recipes[name]
        if seed:
            level = level.model_copy(update={"set": {**level.set, "seed": int(seed)}})
        recipe = recipe_of(name, level, near=self.near, data=str(data.absolute()))
        out = self.folder / self._digest(recipe, data)[:16]
        epochs = self.trainer.train(recipe, data, out)
        number = level.epoch or len(epochs)
        if not 1 <= number <= len(epochs):
            raise InvalidExperiment(
                f"recipe.{name} asks for epoch {number}, but training in {out} ended after {len(epochs)}: "
                "ask for an earlier one, or set stop_after_worse_epochs"
            )
        return epochs[number - 1]

    def _digest(self, recipe: Recipe, data: Path) -> str:
        """The hex sha256 of a recipe without its paths, its examples, and what else decides the weights."""
        manifest = read_manifest(data)
        if manifest is None:
            raise InvalidDataset(f"{data} has lost its manifest: remove it, and it is made again")
        fields = recipe.model_dump(mode="json", exclude={"data", "base"})
        whole = [fields, manifest.output.digest, list(self.trainer.surroundings(recipe))]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


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
