"""Memory and time of a training run, before it takes them: structure in, bytes and seconds out; pure.

The most memory is held at the end of the forward pass, when everything the backward pass
wants is kept and the output layer is worked off tile by tile.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from training.recipe import Recipe
from training.traced import Traced

_TILE_POSITIONS = 4096
_TILE_VOCABULARY = 32768
_TILE_NUMBERS = 12
"""Bytes beside each logit of a tile in TRL 1.16: it in float32 (in place of it, where it was), its
exponential, and that weighted."""


_STATES = 2
"""Adam's two moments of every trainable weight."""

_FLOPS_A_WEIGHT = 2
_LEAST_TOKENS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The largest batch and the whole run, in tokens.

    `tokens` is the longest sequence, `learnt` its learnt part; `all_tokens` are those of an
    epoch as they are padded, `examples` how many it has.
    """

    tokens: int
    learnt: int
    all_tokens: int
    examples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where a run is trained.

    `runtime_bytes` is what the process held before it loaded a model, and `flops_per_s` what
    the machine reaches on matrices like the model's.
    """

    runtime_bytes: int
    flops_per_s: float
    on_gpu: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Bytes by part, seconds and steps of a run."""

    parts: dict[str, int]
    duration_s: float
    steps: int
    trainable: int

    @property
    def memory_bytes(self) -> int:
        """The most that is held at one time."""
        return sum(self.parts.values())


def estimate(recipe: Recipe, traced: Traced, load: Load, machine: Machine) -> Estimate:
    """Return what a run takes."""
    sequences = sequences_at_once(recipe)
    steps = _steps(recipe, load.examples)
    a_weight = traced.number_bytes if recipe.quantization == "nf4" else 4
    states = a_weight if not (machine.on_gpu and recipe.quantization == "nf4") else 1
    parts = {
        "runtime": machine.runtime_bytes,
        "base": traced.base_bytes,
        "adapter": traced.trainable * a_weight,
        "gradients": traced.trainable * a_weight,
        "optimizer": traced.trainable * states * _STATES,
        "activations": _activations(recipe, traced),
        "output layer": _tile(traced, sequences * load.learnt, on_gpu=machine.on_gpu),
        "scratch": traced.widest_bytes + traced.number_bytes * sequences * load.tokens * traced.widest_output,
    }
    passes = 3 if recipe.gradient_checkpointing else 2
    if recipe.method == "dpo":
        passes += 1
    per_token = _FLOPS_A_WEIGHT * passes * traced.matrix_parameters
    seconds = recipe.epochs * load.all_tokens * per_token / machine.flops_per_s
    return Estimate(parts=parts, duration_s=seconds, steps=steps, trainable=traced.trainable)


def smallest_change(recipe: Recipe, fits: Callable[[Recipe], bool], *, longest_tokens: int) -> str | None:
    """Return the first change, of those that cost least, with which a recipe fits; None where none does."""
    return next((words for words, changed in _changes(recipe, longest_tokens) if fits(changed)), None)


def sequences_at_once(recipe: Recipe) -> int:
    """Return how many sequences a forward pass holds: a preference has two."""
    return recipe.batch_examples * (2 if recipe.method == "dpo" else 1)


def _changes(recipe: Recipe, longest_tokens: int) -> Iterator[tuple[str, Recipe]]:
    batch = recipe.batch_examples
    while batch > 1:
        batch //= 2
        accumulate = recipe.accumulate_batches * recipe.batch_examples // batch
        yield (
            f"batch_examples = {batch} with accumulate_batches = {accumulate}, which learns the same",
            recipe.model_copy(update={"batch_examples": batch, "accumulate_batches": accumulate}),
        )
    if not recipe.gradient_checkpointing:
        recipe = recipe.model_copy(update={"gradient_checkpointing": True})
        yield "gradient_checkpointing = true, which takes about a third longer", recipe
        alone = recipe.model_copy(update={"batch_examples": 1})
        yield "gradient_checkpointing = true and batch_examples = 1", alone
        recipe = alone
    if recipe.quantization == "none":
        recipe = recipe.model_copy(update={"quantization": "nf4"})
        yield 'quantization = "nf4", gradient_checkpointing = true and batch_examples = 1', recipe
    rank = recipe.lora.rank
    if rank > 1:
        small = recipe.model_copy(update={"lora": recipe.lora.model_copy(update={"rank": max(1, rank // 4)})})
        yield f"lora.rank = {max(1, rank // 4)}, gradient_checkpointing = true and batch_examples = 1", small
    tokens = longest_tokens
    while tokens // 2 >= _LEAST_TOKENS:
        tokens //= 2
        shorter = recipe.model_copy(update={"max_tokens": tokens})
        yield f'max_tokens = {tokens} with too_long = "drop", and batch_examples = 1', shorter


def _activations(recipe: Recipe, traced: Traced) -> int:
    """All that is kept, or the inputs of the blocks and one block at a time."""
    if not recipe.gradient_checkpointing:
        return traced.kept_bytes
    return traced.checkpoint_bytes + traced.kept_bytes // traced.layers


def _tile(traced: Traced, positions: int, *, on_gpu: bool) -> int:
    # Triton folds a tile in place.
    each = traced.number_bytes + (0 if on_gpu else _TILE_NUMBERS)
    return min(positions, _TILE_POSITIONS) * min(traced.vocabulary, _TILE_VOCABULARY) * each


def _steps(recipe: Recipe, examples: int) -> int:
    a_step = recipe.batch_examples * recipe.accumulate_batches
    return max(1, round(recipe.epochs * -(-examples // a_step)))
