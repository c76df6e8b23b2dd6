"""A random two-layer Llama with a byte tokenizer, and random adapters of it, made in a second."""

from pathlib import Path

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML, as the embedded model has it."""

_CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def write_tiny_base(folder: Path, *, seed: int = 0) -> Path:
    """Return `folder`, filled with a bfloat16 Llama of wide weights, a tokenizer and a chat template.

    Its weights are large enough for rounding them to 4 bits to change what it says.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    tokenizer = _byte_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        initializer_range=0.2,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_tiny_adapter(base: Path, folder: Path, *, seed: int = 1) -> Path:
    """Return `folder`, filled with a random LoRA of all linear layers of `base`."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaForCausalLM

    torch.manual_seed(seed)
    model = LlamaForCausalLM.from_pretrained(base, dtype=torch.float32)
    tuned = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))
    tuned.save_pretrained(folder)
    return folder


def _byte_tokenizer():  # noqa: ANN202 - a transformers class, which is loaded late
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    known = [*_CONTROL, *sorted(pre_tokenizers.ByteLevel.alphabet()), "th"]
    vocabulary = {token: at for at, token in enumerate(known)}
    bytes_alone = Tokenizer(models.BPE(vocab=vocabulary, merges=[("t", "h")]))
    bytes_alone.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_alone.decoder = decoders.ByteLevel()
    bytes_alone.add_special_tokens([AddedToken(token, special=True) for token in _CONTROL])
    return PreTrainedTokenizerFast(
        tokenizer_object=bytes_alone,
        bos_token="<|im_start|>",  # noqa: S106 - a control token, no secret
        eos_token="<|im_end|>",  # noqa: S106
        pad_token="<|endoftext|>",  # noqa: S106
        chat_template=TEMPLATE,
    )
