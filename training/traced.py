"""What one step keeps in memory, traced on the model's own code without weights or numbers.

The base with its LoRA is built of tensors that have shapes and no content, and one forward
pass notes every tensor that the backward pass will want.  So the figure follows the
architecture, whatever it is, and no formula has to be kept in step with it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import Precision
from training.base_model import lora_config, require_targets
from training.recipe import Recipe

_NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes a weight in NF4 with double quantisation (Dettmers et al. 2023, section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A step of the largest batch, in bytes and counts.

    `kept_bytes` is what the backward pass wants, without weights; `layers` is how many blocks
    share it, and `checkpoint_bytes` what is kept of their inputs where the rest is worked out
    anew.  `base_bytes` are the weights as they are held, `widest_bytes` the largest matrix
    brought back from 4 bits, `number_bytes` those of one number.  `matrix_parameters` pass
    every token once.
    """

    kept_bytes: int
    checkpoint_bytes: int
    layers: int
    base_bytes: int
    widest_bytes: int
    trainable: int
    matrix_parameters: int
    vocabulary: int
    hidden: int
    widest_output: int
    number_bytes: int


def traced(base: Path, recipe: Recipe, *, sequences: int, tokens: int, precision: Precision) -> Traced:
    """Return what a step on `sequences` of `tokens` each keeps, computed in `precision`.

    Raises `InvalidRecipe` for target modules that the model does not have.
    """
    import torch
    from peft import get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(base)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, precision))
    require_targets(model, recipe)
    sizes = _sizes(model, recipe)
    tuned = get_peft_model(model, lora_config(recipe)).train()
    trainable = sum(each.numel() for each in tuned.parameters() if each.requires_grad)
    kept = _kept_bytes(tuned, recipe, sequences, tokens)
    a_number = getattr(torch, precision).itemsize
    inputs = a_number * sequences * tokens * model.config.get_text_config().hidden_size * sizes["layers"]
    return Traced(kept_bytes=kept, checkpoint_bytes=inputs, trainable=trainable, **sizes)


def _sizes(model: Any, recipe: Recipe) -> dict[str, int]:  # noqa: ANN401 - untyped
    import torch

    head = model.get_output_embeddings()
    matrices = [
        module for module in model.modules() if isinstance(module, torch.nn.Linear) and module is not head
    ]
    in_matrices = sum(module.weight.numel() for module in matrices)
    all_of_it = sum(each.numel() for each in model.parameters())
    a_number = model.dtype.itemsize
    a_weight = _NF4_BYTES if recipe.quantization == "nf4" else a_number
    text = model.config.get_text_config()
    return {
        "layers": int(text.num_hidden_layers),
        "base_bytes": int(in_matrices * a_weight) + (all_of_it - in_matrices) * a_number,
        "widest_bytes": a_number * max(module.weight.numel() for module in matrices),
        "matrix_parameters": in_matrices,
        "vocabulary": int(text.vocab_size),
        "hidden": int(text.hidden_size),
        "number_bytes": a_number,
        "widest_output": max(module.out_features for module in matrices),
    }


def _kept_bytes(tuned: Any, recipe: Recipe, sequences: int, tokens: int) -> int:  # noqa: ANN401 - untyped
    """Bytes of every storage that the backward pass holds on to, parameters left out, each once."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    kept: dict[int, Any] = {}
    with FakeTensorMode():
        held = {name: _stand_in(each, recipe) for name, each in _state(tuned)}
        own = {each.untyped_storage()._cdata for each in held.values()}  # noqa: SLF001 - its identity

        def note(tensor: Any) -> Any:  # noqa: ANN401 - a tensor
            storage = tensor.untyped_storage()
            if storage._cdata not in own:  # noqa: SLF001
                kept[storage._cdata] = storage  # noqa: SLF001 - held, so that no other takes its place
            return tensor

        ids = torch.zeros(sequences, tokens, dtype=torch.long)
        asked = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "use_cache": False}
        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            # The output layer is worked off in tiles and keeps nothing.
            torch.func.functional_call(tuned, held, kwargs={**asked, "logits_to_keep": 1})
    return sum(storage.nbytes() for storage in kept.values())


def _state(tuned: Any) -> Any:  # noqa: ANN401 - untyped
    yield from tuned.named_parameters()
    yield from tuned.named_buffers()


def _stand_in(tensor: Any, recipe: Recipe) -> Any:  # noqa: ANN401 - a tensor
    """A tensor without content where the real one will be."""
    import torch

    dtype = torch.float32 if tensor.requires_grad and recipe.quantization == "none" else tensor.dtype
    return torch.empty(tensor.shape, dtype=dtype, requires_grad=tensor.requires_grad)
