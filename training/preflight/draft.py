"""The recipe to begin with, as the TOML that `load_recipe` reads."""

import json
import tomllib
from collections.abc import Sequence

from harness import Arm
from training.preflight.facts import Facts, RecordedRun
from training.preflight.measured import usable
from training.recipe import Recipe, parse_recipe

_ZERO_SHOT = "zero-shot"
_EPOCHS = ((500, 3.0), (2000, 2.0))
_EPOCHS_OF_MANY = 1.0


def served_arms(runs: Sequence[RecordedRun]) -> tuple[str, ...]:
    """Return the arms that a checkpoint would be served under: zero-shot, and the base's best rag-K."""
    retrieving = [run for run in usable(runs) if run.arm.kind.value == "rag"]
    best = max(retrieving, key=lambda run: run.mean, default=None)
    return (_ZERO_SHOT,) if best is None else (_ZERO_SHOT, str(best.arm))


def draft_recipe(facts: Facts, arms: Sequence[Arm] = ()) -> str:
    """Return a recipe for the facts, its prompts shared equally among the arms that will be served.

    Without `arms` these are what `served_arms` says; examples without inputs allow zero-shot
    alone.  The fewer the examples, the more epochs.  Raises `InvalidRecipe` where no recipe
    can be made.
    """
    names = tuple(dict.fromkeys(map(str, arms))) or served_arms(facts.runs)
    data = facts.data
    is_worded = data is not None and data.have_inputs
    if not is_worded:
        names = (_ZERO_SHOT,)
    shares = _shares(names)
    lines = [
        f"base = {json.dumps(facts.base)}",
        f"data = {json.dumps(data.path if data else '')}",
        f"task = {json.dumps(facts.task)}",
        f"epochs = {_epochs(data.examples if data else 0)}",
        "",
        "[prompt_arms]",
        *(f"{json.dumps(name)} = {share}" for name, share in shares.items()),
        "",
        "[lora]",
        "rank = 16",
        "",
    ]
    text = "\n".join(lines)
    checked(text)
    return text


def checked(text: str) -> Recipe:
    """Return the recipe spelt `text`; raises `InvalidRecipe`."""
    return parse_recipe(tomllib.loads(text), where="the drafted recipe")


def _shares(names: Sequence[str]) -> dict[str, float]:
    """Equal shares with six digits that add up to 1; the first takes what rounding leaves."""
    each = round(1 / len(names), 6)
    rest = round(1 - each * (len(names) - 1), 6)
    return {name: rest if place == 0 else each for place, name in enumerate(names)}


def _epochs(examples: int) -> float:
    return next((epochs for most, epochs in _EPOCHS if examples < most), _EPOCHS_OF_MANY)
