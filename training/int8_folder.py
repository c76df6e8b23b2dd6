"""A model with its linear layers in 8 bits, as vLLM serves them: the compressed-tensors format.

Weights are rounded to the nearest of 255 steps a row, activations are rounded as they come, a
scale a token (W8A8): nothing is calibrated, so no data is needed.  The output layer stays.
"""

from pathlib import Path

_SCHEME = "W8A8"


def write_int8(model_folder: Path, out: Path, *, shard_bytes: int) -> None:
    """Fill `out` with the model in `model_folder`, 8-bit, in safetensors files of `shard_bytes` at most.

    The tokenizer is not copied.
    """
    from compressed_tensors.compressors import ModelCompressor
    from compressed_tensors.quantization import (
        QuantizationConfig,
        apply_quantization_config,
        preset_name_to_scheme,
    )
    from compressed_tensors.quantization.utils import calculate_qparams, is_module_quantized
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype="auto")
    scheme = preset_name_to_scheme(_SCHEME, ["Linear"])
    apply_quantization_config(model, QuantizationConfig(config_groups={"linear": scheme}, ignore=["lm_head"]))
    for module in filter(is_module_quantized, model.modules()):
        weight = module.weight
        low, high = weight.amin(1, keepdim=True), weight.amax(1, keepdim=True)
        scale, _ = calculate_qparams(low, high, module.quantization_scheme.weights)
        module.weight_scale.data.copy_(scale)
    compressor = ModelCompressor.from_pretrained_model(model)
    compressor.compress_model(model)
    model.save_pretrained(out, max_shard_size=shard_bytes)
    compressor.update_config(str(out))
