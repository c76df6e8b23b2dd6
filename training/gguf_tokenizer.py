"""A byte-level BPE tokenizer as GGUF keeps it: tokens, their kinds, merges, and the chat template."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness import UnknownCheckpoint
from training.chat_template import chat_template

_NORMAL, _CONTROL, _USER_DEFINED, _UNUSED = 1, 3, 4, 5  # llama.cpp's llama_token_type
_SPECIAL = ("bos", "eos", "unk", "pad")


def add_tokenizer(writer: Any, folder: Path, *, vocabulary: int) -> None:  # noqa: ANN401 - untyped
    """Add the tokenizer in `folder` to a GGUF writer, padded to `vocabulary` tokens.

    Raises `UnknownCheckpoint` for one whose splitting of text llama.cpp would not follow.
    """
    document = json.loads((folder / "tokenizer.json").read_bytes())
    model = document["model"]
    if model.get("type") != "BPE":
        raise _unlike(folder, f"a {model.get('type')} tokenizer")
    tokens, kinds = _tokens(model["vocab"], document.get("added_tokens") or [], vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_splitting(document.get("pre_tokenizer"), folder))
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(
        [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    )
    _add_special(writer, folder, {token: at for at, token in enumerate(tokens)})
    writer.add_add_bos_token(False)  # noqa: FBT003 - the writer's own signature
    writer.add_add_space_prefix(False)  # noqa: FBT003
    template = chat_template(folder)
    if template is not None:
        writer.add_chat_template(template)


def _tokens(
    vocabulary: Mapping[str, int], added: list[Mapping[str, Any]], size: int
) -> tuple[list[str], list[int]]:
    tokens, kinds = [f"[PAD{at}]" for at in range(size)], [_UNUSED] * size
    for token, at in vocabulary.items():
        tokens[at], kinds[at] = token, _NORMAL
    for each in added:
        at = each["id"]
        tokens[at], kinds[at] = each["content"], _CONTROL if each.get("special") else _USER_DEFINED
    return tokens, kinds


def _splitting(found: Mapping[str, Any] | None, folder: Path) -> str:
    """llama.cpp's name for how text is split before it is merged."""
    steps = (found or {}).get("pretokenizers") or [found or {}]
    shape = [(step.get("type"), step.get("individual_digits"), step.get("use_regex")) for step in steps]
    known = {
        (("ByteLevel", None, True),): "gpt-2",
        (("Digits", True, None), ("ByteLevel", None, True)): "smollm",
    }
    name = known.get(tuple(shape))
    if name is None or steps[-1].get("add_prefix_space"):
        raise _unlike(
            folder, f"a tokenizer that splits text by {' and '.join(str(step[0]) for step in shape)}"
        )
    return name


def _add_special(writer: Any, folder: Path, ids: Mapping[str, int]) -> None:  # noqa: ANN401 - untyped
    config = json.loads((folder / "tokenizer_config.json").read_bytes())
    for name in _SPECIAL:
        token = config.get(f"{name}_token")
        content = token.get("content") if isinstance(token, dict) else token
        if isinstance(content, str) and content in ids:
            getattr(writer, f"add_{name}_token_id")(ids[content])


def _unlike(folder: Path, what: str) -> UnknownCheckpoint:
    return UnknownCheckpoint(
        f"{folder} has {what}, which is not written as GGUF here: export safetensors and convert them with "
        "llama.cpp's convert_hf_to_gguf.py"
    )
