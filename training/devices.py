"""How many GPUs there are, asked without loading torch."""

import os
import shutil
import subprocess

_LIMIT_S = 20


def gpus() -> int:
    """Return the number of GPUs that may be used: all, or those `CUDA_VISIBLE_DEVICES` names."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    program = shutil.which("nvidia-smi")
    if program is None or named == "":
        return 0
    if named is not None:
        return len(named.split(","))
    try:
        answer = subprocess.run(
            [program, "-L"], capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in answer.stdout.splitlines())
