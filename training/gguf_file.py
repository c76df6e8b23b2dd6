"""A Llama as one GGUF file, for llama.cpp and what is built on it.

Written with the `gguf` package, whose own converter is not part of it; so only what loads
back with equal logits is written: plain Llama architectures with a byte-level BPE tokenizer.
Queries and keys are stored in the order of llama.cpp's rotary embedding (rows of the two
halves of a head interleaved).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from harness import UnknownCheckpoint
from training.gguf_tokenizer import add_tokenizer

Kind = Literal["F16", "Q8_0"]
"""How matrices are held: 16 bits, or 8 with a scale for every 32."""

_ARCHITECTURE = "llama"


def write_gguf(model_folder: Path, file: Path, kind: Kind) -> None:
    """Leave the model in `model_folder`, with its tokenizer and chat template, at `file`.

    Raises `UnknownCheckpoint` for an architecture or a tokenizer that is not written here.
    """
    from gguf import GGUFWriter

    config = json.loads((model_folder / "config.json").read_bytes())
    _require_plain_llama(config, model_folder)
    writer = GGUFWriter(file, _ARCHITECTURE, use_temp_file=True)
    try:
        _add_shape(writer, config, kind)
        add_tokenizer(writer, model_folder, vocabulary=config["vocab_size"])
        for name, tensor, held in _tensors(model_folder, config, kind):
            writer.add_tensor(name, tensor, raw_dtype=held)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _require_plain_llama(config: Mapping[str, Any], folder: Path) -> None:
    rope = config.get("rope_parameters") or {}
    unlike = [
        config.get("model_type") != _ARCHITECTURE and f"model_type {config.get('model_type')!r}",
        rope.get("rope_type", "default") != "default" and f"rope_type {rope.get('rope_type')!r}",
        config.get("attention_bias") and "attention_bias",
        config.get("mlp_bias") and "mlp_bias",
        "quantization_config" in config and "quantised weights",
    ]
    named = [reason for reason in unlike if reason]
    if named:
        raise UnknownCheckpoint(
            f"{folder} has {named[0]}, and only plain Llama models are written as GGUF: export safetensors "
            "and convert them with llama.cpp's convert_hf_to_gguf.py"
        )


def _add_shape(writer: Any, config: Mapping[str, Any], kind: Kind) -> None:  # noqa: ANN401 - untyped
    from gguf import GGML_QUANT_VERSION, LlamaFileType

    head = _head_size(config)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base((config.get("rope_parameters") or config).get("rope_theta", 10_000.0))
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_file_type(LlamaFileType.MOSTLY_F16 if kind == "F16" else LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(GGML_QUANT_VERSION)


def _tensors(folder: Path, config: Mapping[str, Any], kind: Kind) -> Iterator[tuple[str, Any, Any]]:
    """Every tensor under its name in GGUF, quantised, with how it is held."""
    from gguf import MODEL_ARCH, GGMLQuantizationType, get_tensor_name_map
    from gguf.quants import quantize
    from safetensors import safe_open

    names = get_tensor_name_map(MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as tensors:
            for name in sorted(tensors.keys()):
                known = names.get_name(name, try_suffixes=(".weight",))
                if known is None:
                    raise UnknownCheckpoint(f"{folder} has a tensor {name}, which GGUF has no place for")
                values = _reordered(name, tensors.get_tensor(name).float().numpy(), config)
                held = GGMLQuantizationType[_held(values.shape, kind)]
                yield known, quantize(values, held), held


def _held(shape: tuple[int, ...], kind: Kind) -> str:
    """Vectors stay in 32 bits, and rows that do not divide into blocks of 32 in 16."""
    if len(shape) == 1:
        return "F32"
    return "F16" if shape[-1] % 32 else kind


def _reordered(name: str, values: Any, config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a numpy array
    heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}
    part = name.split(".")[-2]
    if part not in heads:
        return values
    halves = values.reshape(config[heads[part]], 2, _head_size(config) // 2, values.shape[-1])
    return halves.swapaxes(1, 2).reshape(values.shape)


def _head_size(config: Mapping[str, Any]) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])
