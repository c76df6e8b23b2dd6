"""Composes an export: the adapter merged into what it was trained on, written whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.domain.checkpoint import Precision
from harness.errors import UnknownCheckpoint, UsageError
from harness.experiments.adapter import Adapter, find_adapter
from harness.experiments.progress import Progress, ended
from harness.experiments.request import Places
from serving.adapter_config import read_adapter_config
from training.certificate import CERTIFICATE, SHINGLES
from training.export import ExportFormat, write_apart
from training.merge import MergeBase, merged_checkpoint, settled
from training.model_card import CARD, Exported, model_card
from training.parity import PARITY, Parity, read_parity
from training.parity_weights import Placement

_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors", CERTIFICATE, SHINGLES, PARITY)
_SHIPPED_MODE = 0o755


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Write the adapter `checkpoint` into the folder `out`, merged into a base or apart from it.

    `into` of `AS_TRAINED` is what parity found, and without its record what the certificate
    says.  A shard holds at most `shard_gib` GiB.
    """

    checkpoint: str
    out: Path
    places: Places
    into: MergeBase = MergeBase.AS_TRAINED
    written_as: ExportFormat = ExportFormat.SAFETENSORS
    shard_gib: float = 2.0
    precision: Precision | None = None
    adapter_only: bool = False
    max_model_len: int = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was written: the folder, what was merged into, None if nothing was, and what to know of it."""

    out: Path
    into: MergeBase | None
    written_as: str
    size_bytes: int
    warnings: tuple[str, ...]


def run_export(request: ExportRequest, progress: Progress) -> Export:
    """Return what was written.

    Raises `UsageError` for a folder that holds something already, `UnknownCheckpoint` for what
    is no adapter or cannot be served apart, and `TrainingError` when writing fails; nothing is
    left at `out` then.
    """
    if request.out.exists() and (not request.out.is_dir() or any(request.out.iterdir())):
        raise UsageError(f"{request.out} exists already and is not empty: name a new folder")
    with ended(progress):
        found = find_adapter(
            request.checkpoint,
            request.places,
            precision=request.precision,
            max_model_len=request.max_model_len,
            progress=progress,
        )
        recorded = _recorded_parity(found)
        if request.adapter_only:
            return _apart(request, found, recorded)
        return _merged(request, found, recorded, progress)


def _recorded_parity(found: Adapter) -> Parity | None:
    """What parity found of this adapter on this base; a record of others says nothing."""
    parity = read_parity(found.folder)
    if parity is None or (parity.adapter_digest, parity.base_digest) != (found.digest, found.base_digest):
        return None
    return parity


def _merged(request: ExportRequest, found: Adapter, parity: Parity | None, progress: Progress) -> Export:
    shown_best = parity.best if parity is not None and request.into is MergeBase.AS_TRAINED else None
    into = shown_best or settled(request.into, found.folder)
    merged = merged_checkpoint(found.checkpoint, cache=request.places.cache, say=progress.say, into=into)
    if merged.weights is None:
        raise UnknownCheckpoint(f"{request.checkpoint} has no weights to export: name a folder")
    progress.say(f"writing {request.written_as}")
    with _whole(request.out) as folder:
        write_apart(merged.weights, folder, request.written_as, shard_gib=request.shard_gib)
        _write_card(folder, request, found, parity, into)
    return _export(request, into, request.written_as, _merge_warnings(parity, into, found))


def _apart(request: ExportRequest, found: Adapter, parity: Parity | None) -> Export:
    reason = read_adapter_config(found.folder).unfit
    if reason is not None:
        raise UnknownCheckpoint(
            f"adapter {found.folder} cannot be served beside its base, {reason}: leave --adapter-only out, "
            "and it is merged"
        )
    with _whole(request.out) as folder:
        for name in _ADAPTER_FILES:
            if (found.folder / name).is_file():
                shutil.copyfile(found.folder / name, folder / name)
        _write_card(folder, request, found, parity, None)
    return _export(request, None, "a LoRA adapter", _apart_warnings(parity, found.folder))


def _write_card(
    folder: Path, request: ExportRequest, found: Adapter, parity: Parity | None, into: MergeBase | None
) -> None:
    exported = Exported(
        written_as=str(request.written_as) if into is not None else "a LoRA adapter",
        into=into,
        adapter_digest=found.digest,
        base_digest=found.base_digest,
        certificate=found.certificate,
        parity=parity,
    )
    (folder / CARD).write_text(model_card(exported), encoding="utf-8")


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Yield a folder to fill, which becomes `out` when all of it is there."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name[:16]}-", dir=out.parent))
    try:
        yield draft
        draft.chmod(_SHIPPED_MODE)
        draft.replace(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _export(request: ExportRequest, into: MergeBase | None, written_as: str, said: Iterator[str]) -> Export:
    return Export(
        out=request.out,
        into=into,
        written_as=written_as,
        size_bytes=sum(path.stat().st_size for path in request.out.iterdir()),
        warnings=tuple(said),
    )


def _merge_warnings(parity: Parity | None, into: MergeBase, found: Adapter) -> Iterator[str]:
    if found.certificate is None:
        yield "the adapter has no certificate, so what it was trained on is unknown"
    if parity is None:
        yield f"whether it is served as trained was not measured: weighbridge parity does, of {found.folder}"
    elif parity.best is not into:
        yield (
            f"served on weights unlike those trained: it is merged into the {into} base, and parity found "
            f"the {parity.best} one nearest to what was trained"
        )


def _apart_warnings(parity: Parity | None, adapter: Path) -> Iterator[str]:
    if settled(MergeBase.AS_TRAINED, adapter) is MergeBase.FULL:
        return
    far = parity.distances.get(Placement.BESIDE_FULL) if parity is not None else None
    figures = "" if far is None else f" (KL {far.kl or 0.0:.3f} nats a token)"
    yield (
        f"served on weights unlike those trained{figures} where its base is in full precision: serve it on "
        "the base in NF4, or export it merged"
    )
