"""The model card: what was exported, how it was trained, and how far it is from that.

Names, recipes and overrides come from outside, so they stand in YAML that a library wrote or
in one block of JSON, never in the Markdown itself.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.certificate import Certificate
from training.merge import MergeBase
from training.parity import Parity

CARD = "README.md"

_INTO = {
    MergeBase.FULL: "merged into the full-precision base",
    MergeBase.DEQUANTISED: "merged into the base rounded to NF4 and brought back, as it was trained",
    None: "kept apart from its base",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a card is about: the format, and what the adapter was merged into, None if it was not."""

    written_as: str
    into: MergeBase | None
    adapter_digest: str
    base_digest: str
    certificate: Certificate | None
    parity: Parity | None


def model_card(exported: Exported) -> str:
    """Return the card as Markdown with its YAML header."""
    from huggingface_hub import ModelCardData

    certificate = exported.certificate
    header = ModelCardData(
        base_model=None if certificate is None else certificate.base,
        library_name=None if exported.written_as.startswith("gguf") else "transformers",
        pipeline_tag="text-generation",
        tags=["weighbridge", *(["lora"] if exported.into is None else [])],
    ).to_yaml()
    return f"---\n{header}\n---\n\n" + "\n\n".join(_paragraphs(exported)) + "\n"


def _paragraphs(exported: Exported) -> Iterator[str]:
    yield "# Model card"
    yield f"An adapter {_INTO[exported.into]}, written as {exported.written_as}."
    yield _training(exported.certificate)
    yield _serving(exported)
    if exported.certificate is not None:
        yield "## Training manifest"
    yield _block(_manifest(exported))


def _training(certificate: Certificate | None) -> str:
    if certificate is None:
        return "Nothing is recorded of its training: contamination of evaluation items is unknown."
    arms = ", ".join(f"{100 * share:.3g} % {arm}" for arm, share in certificate.prompt_arms.items())
    held = "held in NF4" if certificate.quantization == "nf4" else "in full precision"
    rendered = f", prompts rendered as {arms}" if arms else ""
    return f"Trained on {certificate.examples} examples, its base {held}{rendered}."


def _serving(exported: Exported) -> str:
    parity = exported.parity
    if parity is None:
        return "Whether it is served as it was trained was not measured: `weighbridge parity` does."
    measured = (
        f"Measured on {parity.reply_tokens} reply tokens of {parity.conversations} conversations, merged "
        f"weights rounded to {parity.precision}, the mean divergence from what was trained "
        f"({parity.trained}) is:"
    )
    rows = [
        f"- {placement}: KL {found.kl:.4f} nats a token, loss {found.loss:.3f}"
        for placement, found in parity.distances.items()
        if found.kl is not None
    ]
    return "\n".join([measured, "", *rows])


def _manifest(exported: Exported) -> Mapping[str, Any]:
    certificate = exported.certificate
    return {
        "format": exported.written_as,
        "merged_into": None if exported.into is None else str(exported.into),
        "adapter_digest": exported.adapter_digest,
        "base_digest": exported.base_digest,
        "certificate": None if certificate is None else asdict(certificate),
    }


def _block(document: Mapping[str, Any]) -> str:
    """A fenced block that no text inside can end: back quotes are written as JSON escapes."""
    text = json.dumps(document, indent=2, ensure_ascii=True).replace("`", "\\u0060")
    return f"```json\n{text}\n```"
