"""Merged weights -> a folder to ship, in the format asked for.

Run as `python -m training.export MODEL OUT FORMAT SHARD_GIB` in a process of its own: torch
then never enters the caller.
"""

import os
import shutil
import subprocess
import sys
import warnings
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from harness import TrainingError
from training.certificate import CERTIFICATE, SHINGLES
from training.gguf_file import write_gguf
from training.int8_folder import write_int8

GGUF_FILE = "model.gguf"

_GIB = 1 << 30
_CARRIED = ("*.json", "*.jinja", "*.txt", "*.model", SHINGLES)
_OWN = {"config.json", "generation_config.json"}


class ExportFormat(StrEnum):
    """What merged weights are written as."""

    SAFETENSORS = "safetensors"
    INT8 = "int8"
    GGUF_F16 = "gguf-f16"
    GGUF_Q8 = "gguf-q8"

    @property
    def is_gguf(self) -> bool:
        """Whether it is one file for llama.cpp rather than a folder for vLLM and transformers."""
        return self in {ExportFormat.GGUF_F16, ExportFormat.GGUF_Q8}


def write_model(model: Path, out: Path, chosen: ExportFormat, *, shard_gib: float) -> None:
    """Fill the folder `out` with the model in `model`: weights, tokenizer, template and certificate."""
    match chosen:
        case ExportFormat.SAFETENSORS:
            _write_safetensors(model, out, shard_gib)
        case ExportFormat.INT8:
            write_int8(model, out, shard_bytes=int(shard_gib * _GIB))
        case ExportFormat.GGUF_F16:
            write_gguf(model, out / GGUF_FILE, "F16")
        case ExportFormat.GGUF_Q8:
            write_gguf(model, out / GGUF_FILE, "Q8_0")
        case _:
            assert_never(chosen)
    _carry(model, out, ("*.npy", CERTIFICATE) if chosen.is_gguf else _CARRIED)


def write_apart(model: Path, out: Path, chosen: ExportFormat, *, shard_gib: float) -> None:
    """Do `write_model` in a process of its own; raise `TrainingError` with its last line when it fails."""
    arguments = [str(model), str(out), str(chosen), str(shard_gib)]
    command = [sys.executable, "-P", "-W", "ignore", "-m", "training.export", *arguments]
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "TQDM_DISABLE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        reason = last.removeprefix("harness.errors.UnknownCheckpoint: ")
        raise TrainingError(
            f"nothing was exported ({reason}): mend that, check that the disk has room and that "
            "weighbridge[train] is installed, and run the same command again"
        )


def _write_safetensors(model: Path, out: Path, shard_gib: float) -> None:
    stored = sorted(model.glob("*.safetensors"))
    if all(path.stat().st_size <= shard_gib * _GIB for path in stored):
        for path in (*stored, *model.glob("*.safetensors.index.json")):
            shutil.copyfile(path, out / path.name)
        _carry(model, out, tuple(_OWN))
        return
    from transformers import AutoModelForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(model, dtype="auto")
    loaded.save_pretrained(out, max_shard_size=int(shard_gib * _GIB))


def _carry(model: Path, out: Path, patterns: tuple[str, ...]) -> None:
    """Copy what lies beside the weights byte for byte, but nothing that was written anew."""
    for path in (path for pattern in patterns for path in model.glob(pattern)):
        if not (out / path.name).exists() and not path.name.endswith(".index.json"):
            shutil.copyfile(path, out / path.name)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    write_model(Path(sys.argv[1]), Path(sys.argv[2]), ExportFormat(sys.argv[3]), shard_gib=float(sys.argv[4]))
