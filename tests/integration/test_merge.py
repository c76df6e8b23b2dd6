"""A merged checkpoint answers as its base with its adapter does."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Precision
from training.certificate import read_certificate, read_shingles
from training.merge import merge_adapter

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A random two-layer Llama, and a random LoRA of it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("tiny")
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(root / "base")
    (root / "base" / "chat_template.jinja").write_text("{{ messages }}")
    (root / "base" / "tokenizer.json").write_text('{"version":  "1.0"}')
    base = LlamaForCausalLM.from_pretrained(root / "base", dtype=torch.float32)
    tuned = get_peft_model(
        base, LoraConfig(r=4, target_modules=["q_proj", "up_proj"], init_lora_weights=False)
    )
    tuned.save_pretrained(root / "adapter")
    return root / "base", root / "adapter"


@pytest.mark.parametrize(("precision", "tolerance"), [(Precision.FLOAT32, 1e-5), (Precision.BFLOAT16, 0.02)])
def test_merged_logits_are_those_of_base_plus_adapter(
    tiny: tuple[Path, Path], tmp_path: Path, precision: Precision, tolerance: float
) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base, adapter = tiny
    merged = merge_adapter(base, adapter, tmp_path / "merged", precision)
    tokens = torch.arange(20).reshape(1, 20)
    plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    with torch.no_grad():
        before = plain(tokens).logits
        expected = PeftModel.from_pretrained(plain, adapter)(tokens).logits
        got = AutoModelForCausalLM.from_pretrained(merged, dtype=torch.float32)(tokens).logits
    assert (got - expected).abs().max() < tolerance < (before - expected).abs().max()


def test_tokenizer_and_template_are_copied_byte_for_byte(tiny: tuple[Path, Path], tmp_path: Path) -> None:
    base, adapter = tiny
    merged = merge_adapter(base, adapter, tmp_path / "merged")
    for name in ("tokenizer.json", "chat_template.jinja"):
        assert (merged / name).read_bytes() == (base / name).read_bytes()
    assert not list(tmp_path.glob(".merged*"))


def test_merged_weights_say_what_they_were_merged_into_and_what_was_trained_on(
    tiny: tuple[Path, Path], tmp_path: Path, trained: Callable[..., Path]
) -> None:
    base, adapter = tiny
    told = trained("told", ["one two three"], quantization="none")
    shutil.copytree(adapter, told, dirs_exist_ok=True)
    merged = merge_adapter(base, told, tmp_path / "merged")
    certificate, own = read_certificate(merged), read_certificate(told)
    assert certificate is not None
    assert own is not None
    assert (own.merged_into, certificate.merged_into) == ("", "full")
    assert replace(certificate, merged_into="") == own
    assert read_shingles(merged) == read_shingles(told)
