"""Adapter + base -> one set of weights, which a server without LoRA support can serve.

On CPU an adapter served beside its base is several times slower than the same numbers
merged.  An adapter trained on a 4-bit base has learnt to make up for its rounding, so it is
merged into that base, rounded and brought back to full precision, and never into the 4-bit
weights themselves, which would round the sum again.  The sum is taken in float32 and rounded
once, on saving.  Run as `python -m training.merge BASE ADAPTER OUT PRECISION INTO` to do it in
a process of its own: torch then never enters the caller, and its memory is given back.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from harness import Checkpoint, Precision, UnknownCheckpoint
from training.certificate import CERTIFICATE, read_certificate, read_shingles, write_certificate
from training.nf4 import load_dequantised, plain

_TEXT_FILES = ("*.json", "*.jinja", "*.txt", "*.model")


class MergeBase(StrEnum):
    """What an adapter is merged into."""

    AS_TRAINED = "as-trained"
    FULL = "full"
    DEQUANTISED = "dequantised"


def settled(into: MergeBase, adapter: Path) -> MergeBase:
    """Return `FULL` or `DEQUANTISED`: for `AS_TRAINED`, what the adapter's certificate says.

    An adapter without one is taken to be trained on the base in full precision.
    """
    if into is not MergeBase.AS_TRAINED:
        return into
    certificate = read_certificate(adapter)
    is_nf4 = certificate is not None and certificate.quantization == "nf4"
    return MergeBase.DEQUANTISED if is_nf4 else MergeBase.FULL


def merged_checkpoint(
    checkpoint: Checkpoint,
    *,
    cache: Path,
    say: Callable[[str], None],
    into: MergeBase = MergeBase.AS_TRAINED,
) -> Checkpoint:
    """Return the checkpoint as one set of weights, its adapter merged in.

    Merged into the full-precision base it keeps its digest, being the same numbers; into the
    dequantised base it is another checkpoint with a digest of its own.  Kept under
    `<cache>/merged/<digest>`; processes that ask at the same time wait for the first.  Without
    an adapter it is the checkpoint itself.  Raises `UnknownCheckpoint` for an endpoint and
    when merging fails.
    """
    from filelock import FileLock

    if checkpoint.weights is None:
        raise UnknownCheckpoint(
            f"{checkpoint.label} is an endpoint and has no weights to merge: name a folder"
        )
    if checkpoint.adapter is None:
        return checkpoint
    chosen = settled(into, checkpoint.adapter)
    digest = _digest(checkpoint.digest, chosen)
    out = cache / "merged" / digest
    merged = replace(checkpoint, digest=digest, weights=out, adapter=None)
    if out.is_dir():
        return merged
    out.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{out}.lock"):
        if not out.is_dir():
            say(f"merging the adapter of {checkpoint.label} into its {_NAMES[chosen]} base, once")
            merge_apart(checkpoint.weights, checkpoint.adapter, out, checkpoint.precision, chosen)
    return merged


def merge_adapter(
    base: Path,
    adapter: Path,
    out: Path,
    precision: Precision = Precision.BFLOAT16,
    into: MergeBase = MergeBase.AS_TRAINED,
) -> Path:
    """Return `out`, filled with base + adapter as safetensors beside the base's tokenizer and template.

    Adds in float32 and saves in `precision`; the adapter's certificate goes along.  `out`
    appears complete or not at all.  Raises `ValueError` when a merged weight is not finite.
    """
    import torch
    from peft import PeftModel

    chosen = settled(into, adapter)
    model = load_base(base, chosen)
    merged = PeftModel.from_pretrained(model, adapter).merge_and_unload(safe_merge=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name[:16]}-", dir=out.parent))
    try:
        merged.to(getattr(torch, precision)).save_pretrained(temporary)
        _copy_texts(base, temporary)
        _carry_certificate(base, adapter, temporary, chosen)
        temporary.chmod(0o755)
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return out


def load_base(base: Path, into: MergeBase) -> Any:  # noqa: ANN401 - untyped
    """Return the model in `base` in float32, in full precision or as the 4-bit base's numbers."""
    import torch
    from transformers import AutoModelForCausalLM

    if into is MergeBase.DEQUANTISED and not _is_stored_quantised(base):
        return load_dequantised(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    return plain(model) if hasattr(model.config, "quantization_config") else model


def merge_apart(base: Path, adapter: Path, out: Path, precision: Precision | None, into: MergeBase) -> None:
    """Do `merge_adapter` in a process of its own; raise `UnknownCheckpoint` when it fails."""
    arguments = [str(base), str(adapter), str(out), str(precision or Precision.BFLOAT16), str(into)]
    command = [sys.executable, "-P", "-W", "ignore", "-m", "training.merge", *arguments]
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TQDM_DISABLE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not out.is_dir():
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise UnknownCheckpoint(
            f"adapter {adapter} could not be merged into {base} ({last}): check that it is a LoRA of "
            "that base, that peft is installed and that the disk has room"
        )


_NAMES = {MergeBase.FULL: "full-precision", MergeBase.DEQUANTISED: "dequantised 4-bit"}


def _digest(digest: str, into: MergeBase) -> str:
    return digest if into is MergeBase.FULL else hashlib.sha256(f"{into}:{digest}".encode()).hexdigest()


def _is_stored_quantised(base: Path) -> bool:
    return "quantization_config" in json.loads((base / "config.json").read_bytes())


def _copy_texts(base: Path, out: Path) -> None:
    """Copy tokenizer and template byte for byte: saving them anew may reword them."""
    for path in (path for pattern in _TEXT_FILES for path in base.glob(pattern)):
        if path.name not in {"config.json", CERTIFICATE} and not path.name.endswith(".index.json"):
            shutil.copyfile(path, out / path.name)


def _carry_certificate(base: Path, adapter: Path, out: Path, into: MergeBase) -> None:
    """Take the adapter's certificate along, with what it was merged into, and the base's word runs."""
    certificate = read_certificate(adapter)
    if certificate is None:
        return
    own = read_shingles(adapter)
    seen = None if own is None else own | (read_shingles(base) or frozenset())
    write_certificate(out, replace(certificate, merged_into=str(into)), seen)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    merge_adapter(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        Precision(sys.argv[4]),
        MergeBase(sys.argv[5]),
    )
