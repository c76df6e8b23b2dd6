"""The base as it is trained, quantised or not, and the adapter that is put on it."""

import os
from pathlib import Path
from typing import Any

from harness import InvalidRecipe, Precision
from training.nf4 import load_nf4
from training.recipe import Recipe


def load_base_model(base: Path, recipe: Recipe, *, precision: Precision) -> Any:  # noqa: ANN401 - untyped
    """Return the model in `base`, held in NF4 or as it is, computing in `precision`.

    Where several processes train, a 4-bit base is held so that it can be laid over them.
    """
    import torch
    from transformers import AutoModelForCausalLM

    if recipe.quantization == "nf4":
        return load_nf4(base, compute=precision, sharded=_processes() > 1)
    return AutoModelForCausalLM.from_pretrained(base, dtype=getattr(torch, precision))


def lora_config(recipe: Recipe) -> Any:  # noqa: ANN401 - untyped
    """Return the adapter of a recipe as PEFT describes it."""
    from peft import LoraConfig

    lora = recipe.lora
    targets = lora.target_modules if isinstance(lora.target_modules, str) else list(lora.target_modules)
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets,
        use_rslora=lora.rslora,
        use_dora=lora.dora,
    )


def require_targets(model: Any, recipe: Recipe) -> None:  # noqa: ANN401 - untyped
    """Raise `InvalidRecipe` for target modules that the model does not have, naming those it has."""
    import torch

    if isinstance(recipe.lora.target_modules, str):
        return
    head = model.get_output_embeddings()
    linear = {
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    }
    known = sorted({name.rpartition(".")[2] for name in linear})
    for wanted in recipe.lora.target_modules:
        if not any(name == wanted or name.endswith(f".{wanted}") for name in linear):
            raise InvalidRecipe(
                f"lora.target_modules names {wanted!r}, which the base does not have: use "
                f'"all-linear", or some of {", ".join(known)}'
            )


def _processes() -> int:
    """How many processes train together, as `accelerate launch` tells each of them."""
    return int(os.environ.get("WORLD_SIZE", "1"))
