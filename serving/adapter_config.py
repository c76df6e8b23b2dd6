"""What an adapter says of itself, and whether a server can carry it beside its base."""

import json
from dataclasses import dataclass
from pathlib import Path

LORA_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""The largest ranks that vLLM can be told to make room for; 1 is one too, and of no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterConfig:
    """The fields of a PEFT adapter's configuration that serving depends on."""

    rank: int
    target_modules: tuple[str, ...]
    is_plain: bool

    @property
    def can_be_served_apart(self) -> bool:
        """Whether vLLM applies the adapter as trained, log-probabilities of prompts included.

        vLLM refuses DoRA, biases and modules saved whole, and leaves an adapter of the
        output layer out of prompt log-probabilities (vllm#51594); those must be merged.
        """
        return self.unfit is None

    @property
    def unfit(self) -> str | None:
        """Why vLLM does not apply the adapter as trained beside its base, None when it does."""
        if not self.is_plain:
            return "it is a DoRA, has biases or modules that are saved whole"
        if not self.target_modules:
            return "it does not list its target modules"
        if "lm_head" in self.target_modules:
            return "it changes lm_head"
        if self.rank > LORA_RANKS[-1]:
            return f"its rank is {self.rank}, of at most {LORA_RANKS[-1]}"
        return None


def read_adapter_config(adapter: Path) -> AdapterConfig:
    """Return the configuration in an adapter's folder."""
    fields = json.loads((adapter / "adapter_config.json").read_text())
    modules = fields.get("target_modules")
    return AdapterConfig(
        rank=int(fields.get("r", 8)),
        target_modules=tuple(sorted(modules)) if isinstance(modules, list) else (),
        is_plain=not fields.get("use_dora")
        and not fields.get("modules_to_save")
        and fields.get("bias", "none") == "none",
    )
