"""How a checkpoint is trained, as a TOML file with the field's defaults.

    base = "smollm2-135m"
    data = "train.jsonl"
    task = "fractions"          # words the prompts of examples that hold inputs

    [prompt_arms]               # the share of training prompts rendered through each arm
    "zero-shot" = 0.5
    "rag-3" = 0.5

    [lora]
    rank = 16

A key that is left out keeps its default; one that is not known is refused.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from harness import InvalidRecipe, UnknownArm, parse_arm
from training.settings import overlaid

_Share = Annotated[float, Field(gt=0, le=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Lora(_Table):
    """The adapter: rank 16, alpha = rank, all linear layers (Dettmers 2023; rsLoRA: Kalajdzievski 2023)."""

    rank: Annotated[int, Field(ge=1, le=512)] = 16
    alpha: Annotated[float, Field(gt=0)] | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    target_modules: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    rslora: bool = False
    dora: bool = False


class Preference(_Table):
    """What DPO adds: the strength of its pull towards the reference model (Rafailov 2023)."""

    beta: Annotated[float, Field(gt=0)] = 0.1


class Recipe(_Table):
    """One training run, complete; equal recipes on equal data give equal checkpoints."""

    base: str
    data: str
    task: str | None = None
    validation: str | None = None
    validation_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    method: Literal["sft", "dpo"] = "sft"
    backend: Literal["trl", "unsloth"] = "trl"
    quantization: Literal["nf4", "none"] = "nf4"
    prompt_arms: dict[str, _Share] = Field(default_factory=lambda: {"zero-shot": 1.0})
    epochs: Annotated[float, Field(gt=0, le=20)] = 3.0
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 2e-4
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.03
    batch_examples: Annotated[int, Field(ge=1)] = 8
    accumulate_batches: Annotated[int, Field(ge=1)] = 1
    max_tokens: Annotated[int, Field(ge=16)] = 2048
    too_long: Literal["refuse", "drop"] = "refuse"
    gradient_checkpointing: bool = False
    stop_after_worse_epochs: Annotated[int, Field(ge=1)] | None = 2
    seed: Annotated[int, Field(ge=0)] = 5
    lora: Lora = Lora()
    preference: Preference = Preference()

    @field_validator("prompt_arms")
    @classmethod
    def _arms_are_known(cls, shares: dict[str, float]) -> dict[str, float]:
        for name in shares:
            try:
                parse_arm(name)
            except UnknownArm as error:
                raise ValueError(str(error)) from error
        if abs(sum(shares.values()) - 1) > 1e-6:  # noqa: PLR2004 - shares are typed by hand
            raise ValueError(f"the shares add up to {sum(shares.values()):g}, but must add up to 1")
        return shares

    @model_validator(mode="after")
    def _arms_need_a_task(self) -> "Recipe":
        if self.task is None and set(self.prompt_arms) != {"zero-shot"}:
            raise ValueError("prompt_arms beside zero-shot need a task, which words prompts: name it in task")
        return self

    @property
    def alpha(self) -> float:
        """LoRA's alpha, the rank where the recipe names none."""
        return self.lora.alpha if self.lora.alpha is not None else float(self.lora.rank)


def load_recipe(path: Path, settings: Mapping[str, Any] | None = None) -> Recipe:
    """Return the recipe written at `path`, with `settings` in place of what it says.

    Raises `InvalidRecipe` naming the file, the key, its value and what is allowed.
    """
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidRecipe(
            f"{path} could not be read ({error.strerror}): give the path of a TOML recipe"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidRecipe(f"{path} is not TOML ({error}): correct it there") from error
    return parse_recipe(overlaid(fields, dict(settings or {})), where=str(path))


def parse_recipe(fields: object, *, where: str) -> Recipe:
    """Return the recipe of these fields; raise `InvalidRecipe` naming the first key that is wrong."""
    try:
        return Recipe.model_validate(fields, strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "the recipe"
        raise InvalidRecipe(
            f"{where}: {key} is {first['input']!r}, but {first['msg'].removeprefix('Value error, ')}: "
            "correct it there"
        ) from error
