"""The birth certificate of an embedder: `weighbridge-embedder.json` in its folder."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness import UsageError
from training.embeddings.recall import Recall

EMBEDDER_CERTIFICATE = "weighbridge-embedder.json"

_FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderCertificate:
    """What an embedder was trained on, from what and how, and what it finds before and after.

    Digests are hex sha256: of the base's weights, of the task, and of all pairs.  `source`
    says what made an example relevant; `lessons` is the number of rows trained on.
    """

    created_at: str
    base: str
    base_digest: str
    task: str
    task_digest: str
    source: str
    pairs_digest: str
    queries: int
    held_out: int
    lessons: int
    epochs: int
    negatives: int
    dims: tuple[int, ...]
    seed: int
    before: tuple[Recall, ...]
    after: tuple[Recall, ...]
    elapsed_s: float
    environment: Mapping[str, str] = field(default_factory=dict)


def write_embedder_certificate(folder: Path, certificate: EmbedderCertificate) -> None:
    """Leave the certificate in `folder`."""
    document = {"format_version": _FORMAT_VERSION, **asdict(certificate)}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (folder / EMBEDDER_CERTIFICATE).write_text(text, encoding="utf-8")


def read_embedder_certificate(folder: Path) -> EmbedderCertificate | None:
    """Return the certificate in `folder`, None where there is none; raises `UsageError` for damage."""
    import msgspec

    path = folder / EMBEDDER_CERTIFICATE
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_bytes())
        document.pop("format_version", None)
        return msgspec.convert(document, EmbedderCertificate)
    except (ValueError, AttributeError, msgspec.ValidationError) as error:
        raise UsageError(
            f"{path} cannot be read ({error}): restore it, or train the embedder again"
        ) from error
