"""How much memory this process has held at most, and how fast it multiplies matrices."""

import sys
import time
from typing import Any

_KIB = 1024
_BUDGET_S = 0.4


def peak_memory_bytes(*, on_gpu: bool) -> int:
    """Return the most bytes held until now: resident on the processor, allocated on the GPU."""
    if on_gpu:
        import torch

        return int(torch.cuda.max_memory_allocated())
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _KIB


def held_bytes(*, on_gpu: bool) -> int:
    """Return the bytes held now."""
    if on_gpu:
        import torch

        return int(torch.cuda.memory_allocated())
    import psutil

    return int(psutil.Process().memory_info().rss)


def available_bytes(*, on_gpu: bool) -> int:
    """Return the bytes that this process could have: those it holds, and those that are free."""
    if on_gpu:
        import torch

        return int(torch.cuda.mem_get_info()[0]) + held_bytes(on_gpu=True)
    import psutil

    return int(psutil.virtual_memory().available) + held_bytes(on_gpu=False)


def matrix_flops_per_s(rows: int, inner: int, columns: int, dtype: Any, *, on_gpu: bool) -> float:  # noqa: ANN401 - untyped
    """Return the floating-point operations a second of `rows` x `inner` times `inner` x `columns`."""
    import torch

    device = "cuda" if on_gpu else "cpu"
    left = torch.ones(rows, inner, dtype=dtype, device=device)
    right = torch.ones(inner, columns, dtype=dtype, device=device)
    left @ right
    _wait(on_gpu=on_gpu)
    began_s = time.perf_counter()
    count = 0
    while time.perf_counter() - began_s < _BUDGET_S:
        left @ right
        _wait(on_gpu=on_gpu)
        count += 1
    return 2.0 * rows * inner * columns * count / (time.perf_counter() - began_s)


def _wait(*, on_gpu: bool) -> None:
    if on_gpu:
        import torch

        torch.cuda.synchronize()
