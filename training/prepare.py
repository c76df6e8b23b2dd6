"""Looks at a job before it costs anything: tokens, memory and time measured, the impossible refused."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness import InvalidDataset, InvalidRecipe
from training.estimate import Estimate, Load, Machine, estimate, sequences_at_once, smallest_change
from training.events import Estimated, Event, Said
from training.job import Job
from training.peak import available_bytes, held_bytes, matrix_flops_per_s
from training.recipe import Recipe
from training.row_tokens import Lengths, measured
from training.rows import Row, read_rows
from training.traced import traced

_ROWS_OF_A_PROBE = 2048
_STATE_COPIES = 9
"""An adapter and its optimizer's two moments, three times over while one state replaces another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A job that can be trained: its rows, tokenizer and estimate."""

    job: Job
    training: tuple[Row, ...]
    validation: tuple[Row, ...]
    tokenizer: Any
    estimate: Estimate
    on_gpu: bool


def prepare(job: Job, tell: Callable[[Event], None]) -> Prepared:
    """Return the job made ready, and tell what it takes.

    Raises `InvalidRecipe` when it does not fit, naming the smallest change with which it does.
    """
    import torch
    from transformers import AutoConfig, AutoTokenizer

    recipe = job.recipe
    _require_backend(recipe)
    on_gpu = torch.cuda.is_available()
    _load_trainer(recipe)
    runtime_bytes = held_bytes(on_gpu=on_gpu)
    tell(Said("measuring the examples"))
    tokenizer = AutoTokenizer.from_pretrained(job.base)
    longest = _longest(recipe, AutoConfig.from_pretrained(job.base))
    training, seen = _fitting(read_rows(job.training_rows), tokenizer, recipe, longest)
    validation, _ = _fitting(read_rows(job.validation_rows), tokenizer, recipe, longest)
    tell(Said("estimating memory and time"))
    load = _load(seen, recipe)
    sizes = _estimates(job, load, runtime_bytes, on_gpu=on_gpu)
    found = sizes(recipe)
    have = available_bytes(on_gpu=on_gpu)
    tell(
        Estimated(
            parts=found.parts,
            memory_bytes=found.memory_bytes,
            available_bytes=have,
            duration_s=found.duration_s,
            steps=found.steps,
            examples=len(training),
            longest_tokens=seen.longest,
            trainable_parameters=found.trainable,
        )
    )
    _require_memory(recipe, sizes, have, seen.longest)
    _require_disk(job, found)
    return Prepared(
        job=job, training=training, validation=validation, tokenizer=tokenizer, estimate=found, on_gpu=on_gpu
    )


def _require_backend(recipe: Recipe) -> None:
    if recipe.backend == "unsloth" and find_spec("unsloth") is None:
        raise InvalidRecipe(
            'backend is "unsloth", which is not installed: pip install unsloth on a machine with a GPU, or '
            'write backend = "trl", which trains the same recipe'
        )
    if recipe.quantization == "nf4" and find_spec("bitsandbytes") is None:
        raise InvalidRecipe(
            'quantization is "nf4" and bitsandbytes is not installed: pip install bitsandbytes, or write '
            'quantization = "none", which takes more memory'
        )


def _load_trainer(recipe: Recipe) -> None:
    """Load what will be loaded anyway, so that its memory can be told from the model's."""
    if recipe.backend == "unsloth":
        import unsloth  # noqa: F401 - it has to come before trl
    from trl import DPOTrainer, SFTTrainer  # noqa: F401

    if recipe.quantization == "nf4":
        import bitsandbytes  # noqa: F401


def _longest(recipe: Recipe, config: Any) -> int:  # noqa: ANN401 - untyped
    """The tokens a sequence may have: what the recipe says, and never more than the model goes."""
    limit = getattr(config.get_text_config(), "max_position_embeddings", None)
    return min(recipe.max_tokens, limit) if isinstance(limit, int) else recipe.max_tokens


def _fitting(
    rows: Sequence[Row],
    tokenizer: Any,  # noqa: ANN401 - untyped
    recipe: Recipe,
    longest: int,
) -> tuple[tuple[Row, ...], Lengths]:
    """The rows that are trained on, with their lengths: all of them, or those that are short enough."""
    if recipe.too_long == "refuse":
        return tuple(rows), measured(rows, tokenizer, longest=longest)
    every = measured(rows, tokenizer, longest=longest_possible())
    kept = [number for number, tokens in enumerate(every.tokens) if tokens <= longest]
    if not kept:
        raise InvalidDataset(
            f"none of {len(rows)} examples is as short as {longest} tokens: raise max_tokens or shorten them"
        )
    chosen = tuple(rows[number] for number in kept)
    return chosen, measured(chosen, tokenizer, longest=longest)


def longest_possible() -> int:
    """Return a number of tokens that no sequence has."""
    return 1 << 62


def _load(seen: Lengths, recipe: Recipe) -> Load:
    """The whole run: batches are of like lengths, so padding hardly counts."""
    count = len(seen.tokens)
    sequences = 2 if recipe.method == "dpo" else 1
    return Load(
        tokens=seen.longest,
        learnt=-(-seen.learnt // count),
        all_tokens=sum(seen.tokens) * sequences,
        examples=count,
    )


def _estimates(job: Job, load: Load, runtime_bytes: int, *, on_gpu: bool) -> Callable[[Recipe], Estimate]:
    """The estimate of any recipe on these examples; the machine is timed once."""
    import torch

    base = Path(job.base)
    first = traced(base, job.recipe, sequences=1, tokens=load.tokens, precision=job.precision)
    dtype = getattr(torch, job.precision)
    speed = matrix_flops_per_s(_ROWS_OF_A_PROBE, first.hidden, first.widest_output, dtype, on_gpu=on_gpu)
    machine = Machine(runtime_bytes=runtime_bytes, flops_per_s=speed, on_gpu=on_gpu)

    def sized(recipe: Recipe) -> Estimate:
        tokens = min(load.tokens, recipe.max_tokens)
        found = traced(
            base, recipe, sequences=sequences_at_once(recipe), tokens=tokens, precision=job.precision
        )
        return estimate(recipe, found, replace(load, tokens=tokens), machine)

    return sized


def _require_memory(
    recipe: Recipe, sizes: Callable[[Recipe], Estimate], have: int, longest_tokens: int
) -> None:
    need = sizes(recipe).memory_bytes
    if need <= have:
        return
    change = smallest_change(
        recipe, lambda other: sizes(other).memory_bytes <= have, longest_tokens=longest_tokens
    )
    advice = f"write {change}" if change else "use a smaller base or a machine with more memory"
    raise InvalidRecipe(f"training takes about {_gib(need)} and {_gib(have)} is free: {advice}")


def _require_disk(job: Job, found: Estimate) -> None:
    epochs = -(-job.recipe.epochs // 1)
    need = int(found.parts["adapter"] * (_STATE_COPIES + epochs))
    free = shutil.disk_usage(job.out).free
    if need > free:
        raise InvalidRecipe(
            f"checkpoints take about {_gib(need)} and {_gib(free)} of disk is free at {job.out}: make room, "
            "or give an --out on another disk"
        )


def _gib(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB"
