"""Looks an adapter up: itself, the base it sits on, and what its certificate says of both."""

from dataclasses import dataclass
from pathlib import Path

from harness.domain.checkpoint import Checkpoint, Precision
from harness.errors import UnknownCheckpoint
from harness.experiments.progress import Progress
from harness.experiments.request import Places
from serving.checkpoints import resolve_checkpoint
from serving.digest import weights_digest
from serving.hardware import served_precision
from training.certificate import Certificate, read_certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """An adapter on its base, by folder and by hex sha256 of the weights."""

    checkpoint: Checkpoint
    folder: Path
    digest: str
    base: Path
    base_digest: str
    certificate: Certificate | None
    precision: Precision


def find_adapter(
    name: str, places: Places, *, precision: Precision | None, max_model_len: int, progress: Progress
) -> Adapter:
    """Return the adapter that `name` names; `precision` of None is what this machine serves in.

    Raises `UnknownCheckpoint` for what is no adapter, and for one whose certificate names
    another base.
    """
    rounded = precision or served_precision()
    found = resolve_checkpoint(
        name, cache=places.cache, precision=rounded, max_model_len=max_model_len, say=progress.say
    )
    if found.adapter is None or found.weights is None:
        raise UnknownCheckpoint(
            f"{name} is no adapter, so there is nothing to merge: name the folder of an adapter, or "
            "BASE+ADAPTER"
        )
    certificate = read_certificate(found.adapter)
    base_digest = weights_digest(found.weights, cache=places.cache)
    if certificate is not None and certificate.base_digest not in {"", base_digest}:
        raise UnknownCheckpoint(
            f"adapter {found.adapter} was trained on another base than {found.weights}: its certificate "
            f"names weights {certificate.base_digest[:12]} ({certificate.base}), these are "
            f"{base_digest[:12]}; name that base, as BASE+ADAPTER"
        )
    return Adapter(
        checkpoint=found,
        folder=found.adapter,
        digest=weights_digest(found.adapter, cache=places.cache),
        base=found.weights,
        base_digest=base_digest,
        certificate=certificate,
        precision=rounded,
    )
