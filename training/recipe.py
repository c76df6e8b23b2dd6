"""How a checkpoint is trained, as a TOML file with the field's defaults.

    base = "smollm2-135m"
    data = "train.jsonl"
    task = "fractions"          # words the prompts of examples that hold inputs

    [prompt_arms]               # the share of training prompts rendered through each arm
    "zero-shot" = 0.5
    "rag-3" = 0.5

    [lora]
    rank = 16

A key that is left out keeps its default; one that is not known is refused, and so is a value
of another type than its key has.  `python -m training.recipe` prints every key.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import ErrorDetails

from harness import InvalidRecipe, UnknownArm, as_table, parse_arm, read_toml
from training.settings import overlaid

_Share = Annotated[float, Field(gt=0, le=1)]
_Name = Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Lora(_Table):
    """The adapter (Hu 2021); on all linear layers as QLoRA has it (Dettmers 2023)."""

    rank: int = Field(default=16, ge=1, le=512, description="rank of the two matrices beside every weight")
    alpha: float | None = Field(
        default=None, gt=0, description="scale of the adapter; the rank when left out"
    )
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="share of the adapter's inputs dropped in training"
    )
    target_modules: Literal["all-linear"] | tuple[_Name, ...] = Field(
        default="all-linear", description='"all-linear", or a list of names of linear layers such as "q_proj"'
    )
    rslora: bool = Field(
        default=False, description="scale by alpha / sqrt(rank), for high ranks (Kalajdzievski 2023)"
    )
    dora: bool = Field(
        default=False,
        description="learn direction and magnitude apart (Liu 2024); must be merged to be served",
    )

    @field_validator("target_modules")
    @classmethod
    def _some_module(cls, modules: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not modules:
            raise ValueError('an adapter needs a layer to be on: write "all-linear"')
        return modules


class Preference(_Table):
    """What DPO adds."""

    beta: float = Field(
        default=0.1, gt=0, description="how hard replies are held to the base's (Rafailov 2023)"
    )


class Recipe(_Table):
    """One training run, complete; equal recipes on equal data give equal checkpoints."""

    base: _Name = Field(description="what is trained: smollm2-135m, a folder or a hub id")
    data: _Name = Field(description="JSON lines to learn from, beside the recipe or where the program runs")
    task: _Name | None = Field(
        default=None, description="task, by name or folder, that words examples with inputs"
    )
    validation: _Name | None = Field(
        default=None, description="JSON lines to validate on, instead of a share of data"
    )
    validation_share: float = Field(
        default=0.1, gt=0, lt=0.5, description="share of the questions in data that is kept to validate on"
    )
    method: Literal["sft", "dpo"] = Field(
        default="sft", description="learn replies, or preferences between two"
    )
    backend: Literal["trl", "unsloth"] = Field(default="trl", description="who trains; unsloth needs a GPU")
    quantization: Literal["nf4", "none"] = Field(
        default="nf4",
        description="how the base is held while it is trained; it is merged into the same afterwards",
    )
    prompt_arms: dict[str, _Share] = Field(
        default={"zero-shot": 1.0},
        description="share of training prompts rendered through each arm: those that will be served",
    )
    epochs: float = Field(default=3.0, gt=0, le=20, description="passes over the examples; 1 to 3 as a rule")
    learning_rate: float = Field(default=2e-4, gt=0, lt=1, description="largest step of AdamW")
    schedule: Literal["cosine", "linear", "constant"] = Field(
        default="cosine", description="how the step shrinks"
    )
    warmup_share: float = Field(
        default=0.03, ge=0, lt=1, description="share of the steps in which the step grows"
    )
    batch_examples: int = Field(default=8, ge=1, description="examples in memory at once, on each GPU")
    accumulate_batches: int = Field(
        default=1, ge=1, description="batches a step: it times batch_examples is learnt at once"
    )
    max_tokens: int = Field(default=2048, ge=16, description="most tokens of prompt and reply together")
    too_long: Literal["refuse", "drop"] = Field(
        default="refuse", description="what is done with longer examples"
    )
    gradient_checkpointing: bool = Field(
        default=False, description="work activations out twice to hold them once: a third slower"
    )
    stop_after_worse_epochs: int | None = Field(
        default=2, ge=1, description="stop when validation loss has not fallen for so many epochs"
    )
    seed: int = Field(
        default=5, ge=0, description="decides the split, the arms, the order and the adapter's beginning"
    )
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
            raise ValueError(f"the shares add up to {sum(shares.values()):g}, and have to add up to 1")
        return shares

    @model_validator(mode="after")
    def _belongs_together(self) -> "Recipe":
        if self.task is None and set(self.prompt_arms) != {"zero-shot"}:
            raise ValueError("prompt_arms beside zero-shot need a task, which words prompts: name it in task")
        if self.backend == "unsloth" and (self.lora.dora or self.method == "dpo"):
            raise ValueError('backend "unsloth" trains neither DoRA nor DPO here: write backend = "trl"')
        return self

    @property
    def alpha(self) -> float:
        """LoRA's alpha, the rank where the recipe names none."""
        return self.lora.alpha if self.lora.alpha is not None else float(self.lora.rank)


def load_recipe(path: Path, settings: Mapping[str, Any] | None = None) -> Recipe:
    """Return the recipe written at `path`, with `settings` in place of what it says.

    Raises `InvalidRecipe` naming the file, the key, its value and what is allowed.
    """
    fields = read_toml(path, noun="TOML recipe", error=InvalidRecipe)
    return parse_recipe(overlaid(fields, dict(settings or {})), where=str(path))


def parse_recipe(fields: Mapping[str, Any], *, where: str) -> Recipe:
    """Return the recipe of these fields; raise `InvalidRecipe` naming the first key that is wrong."""
    return as_table(Recipe, fields, where=where, error=InvalidRecipe, sentence=_sentence)


def keys(table: type[BaseModel] = Recipe, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield every key of a recipe with what it is for."""
    for name, field in table.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{before}{name}.")
        else:
            yield f"{before}{name}", field.description or ""


def _sentence(problem: ErrorDetails) -> str:
    known = dict(keys())
    key = _key(problem, known)
    said = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(key, known, n=1)
        return f"{key} is no key of a recipe: " + (f"did you mean {near[0]}?" if near else "leave it out")
    if problem["type"] == "missing":
        return f"{key} is missing, {known[key]}: write {key} = …"
    if not key:
        return said
    meaning = f" ({known[key]})" if known.get(key) else ""
    return f"{key} is {problem['input']!r}: {said[0].lower()}{said[1:]}{meaning}"


def _key(problem: ErrorDetails, known: Mapping[str, str]) -> str:
    """The key as it is written; what follows it are pydantic's names for alternatives."""
    parts = [str(part) for part in problem["loc"]]
    spelled = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((name for name in spelled if name in known), ".".join(parts))


def _print_keys() -> None:
    width = max(len(name) for name, _ in keys())
    print("\n".join(f"{name:{width}}  {meaning}" for name, meaning in keys()))  # noqa: T201 - what it is run for


if __name__ == "__main__":
    _print_keys()
