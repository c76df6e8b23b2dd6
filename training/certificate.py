"""The birth certificate of a checkpoint: what it was trained on, from what, and how.

It travels in the folder of the adapter, and of everything merged from it, as
`weighbridge-training.json`; the hashed word runs of its training prompts lie beside it in
`training-shingles.npy`.  The gate reads both: whether items were trained on, whether prompts
are served as they were trained, and whether weights are.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness import UnknownCheckpoint

CERTIFICATE = "weighbridge-training.json"
SHINGLES = "training-shingles.npy"

_FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Everything about a training run that a gate or a reader of the model card asks for.

    `base_digest` is the hex sha256 of the base's safetensors, `data_digest` of the training
    examples, `template_digest` of the chat template the prompts were rendered with.
    `prompt_arms` is the share of training prompts rendered through each arm, by its name,
    what was mixed in from other jobs left out; empty where all prompts were taken as they
    stood.  `quantization` is what the base was held in, "nf4" or "none".  `losses` are
    (epoch, training loss, validation loss); `epoch` is the one these weights are from, and
    `owner` who answers for them.  `merged_into` is what they
    were merged into, "full" or "dequantised", and empty for an adapter.  `embedder` names the
    vectors by which examples in training prompts were retrieved, empty where none were.
    """

    created_at: str
    method: str
    base: str
    base_digest: str
    quantization: str
    prompt_arms: Mapping[str, float]
    task: str
    data_digest: str
    examples: int
    template_digest: str
    recipe: Mapping[str, Any]
    data_steps: tuple[Mapping[str, Any], ...] = ()
    losses: tuple[tuple[float, float | None, float | None], ...] = ()
    owner: str = ""
    epoch: float | None = None
    elapsed_s: float | None = None
    peak_memory_bytes: int | None = None
    estimated_memory_bytes: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    merged_into: str = ""
    embedder: str = ""


def write_certificate(folder: Path, certificate: Certificate, shingles: frozenset[int] | None) -> None:
    """Leave the certificate in `folder`, and the hashes of the training prompts' word runs where known."""
    import numpy as np

    if shingles is not None:
        hashes = np.array(sorted(shingles), dtype=np.uint64)
        np.save(folder / SHINGLES, hashes, allow_pickle=False)
    document = {"format_version": _FORMAT_VERSION, **asdict(certificate)}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (folder / CERTIFICATE).write_text(text, encoding="utf-8")


def read_certificate(folder: Path) -> Certificate | None:
    """Return the certificate in `folder`, None where there is none.

    Raises `UnknownCheckpoint` for one that cannot be read or is from a newer program.
    """
    import msgspec

    path = folder / CERTIFICATE
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_bytes())
        version = document.pop("format_version")
        if version == _FORMAT_VERSION:
            return msgspec.convert(document, Certificate)
    except (ValueError, TypeError, AttributeError, KeyError, msgspec.ValidationError) as error:
        raise UnknownCheckpoint(
            f"{path} cannot be read ({error}): restore it, or remove it and the gate will say that "
            "contamination is unknown"
        ) from error
    raise UnknownCheckpoint(
        f"{path} has format {version}, this program reads {_FORMAT_VERSION}: upgrade weighbridge"
    )


def read_shingles(folder: Path) -> frozenset[int] | None:
    """Return the hashes of the word runs that were trained on, None where they are not recorded.

    Raises `UnknownCheckpoint` for a damaged file.
    """
    import numpy as np

    path = folder / SHINGLES
    if not path.is_file():
        return None
    try:
        return frozenset(int(each) for each in np.load(path, allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        raise UnknownCheckpoint(f"{path} is damaged ({error}): copy the checkpoint again") from error
