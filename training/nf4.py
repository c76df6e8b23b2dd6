"""The 4-bit base of QLoRA: NF4 with double quantisation (Dettmers et al. 2023), loaded and undone.

One module says how a base is quantised, so that what an adapter is trained on, what it is
compared with and what it is merged into are the same numbers.
"""

from pathlib import Path
from typing import Any

from harness import Precision


def load_nf4(base: Path, *, compute: Precision = Precision.FLOAT32, sharded: bool = False) -> Any:  # noqa: ANN401 - untyped
    """Return the model in `base` with its linear layers held in NF4, computing in `compute`.

    The output layer stays as it is, as QLoRA has it.  `sharded` keeps the packed weights in
    cells of the type of all other weights, which is what FSDP can lay over several GPUs.
    """
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    dtype = getattr(torch, compute)
    settings = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        bnb_4bit_quant_storage=dtype if sharded else torch.uint8,
    )
    return unpacked(AutoModelForCausalLM.from_pretrained(base, dtype=dtype, quantization_config=settings))


def load_dequantised(base: Path) -> Any:  # noqa: ANN401 - untyped
    """Return the model in `base` in float32, its linear layers rounded to NF4 and back.

    These are exactly the numbers an adapter sees that is trained on the 4-bit base.
    """
    return plain(load_nf4(base))


def plain(model: Any) -> Any:  # noqa: ANN401 - untyped
    """Return a quantised model with ordinary float32 weights and no mark of how it was held."""
    restored = model.dequantize().float()
    if hasattr(restored.config, "quantization_config"):
        del restored.config.quantization_config
    restored.hf_quantizer = None
    return restored


def unpacked(model: Any) -> Any:  # noqa: ANN401 - untyped
    """Return `model`, kept from packing its 4-bit weights for AVX512-BF16 processors.

    bitsandbytes 0.50 repacks them in the first evaluation step and reads them wrongly ever
    after: gradients, and everything merged or saved later, are noise.
    """
    import bitsandbytes as bnb

    for module in model.modules():
        if isinstance(module, bnb.nn.Linear4bit):
            module.support_avx512bf16_for_cpu = False
    return model
