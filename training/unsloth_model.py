"""The same recipe on Unsloth, where it is installed: its kernels, and all else as with TRL."""

from pathlib import Path
from typing import Any

from training.recipe import Recipe


def load_unsloth(base: Path, recipe: Recipe) -> Any:  # noqa: ANN401 - untyped
    """Return the model in `base` with its adapter on, as Unsloth loads and patches both."""
    from unsloth import FastLanguageModel

    model, _ = FastLanguageModel.from_pretrained(
        model_name=str(base),
        max_seq_length=recipe.max_tokens,
        load_in_4bit=recipe.quantization == "nf4",
        local_files_only=True,
    )
    lora = recipe.lora
    return FastLanguageModel.get_peft_model(
        model,
        r=lora.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.target_modules
        if isinstance(lora.target_modules, str)
        else list(lora.target_modules),
        use_gradient_checkpointing="unsloth" if recipe.gradient_checkpointing else False,
        use_rslora=lora.rslora,
        random_state=recipe.seed,
    )
