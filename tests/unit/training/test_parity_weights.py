"""A comparison of weights that fails is one sentence."""

import subprocess

import pytest

from harness import Precision, TrainingError
from training.parity_weights import Placement, WeightsJob, measure_apart
from training.renders import Tokens


def test_a_failed_comparison_reports_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, stdout="", stderr="Traceback\nMemoryError: 9 GiB\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    job = WeightsJob(
        base="base",
        adapter="tuned",
        precision=Precision.FLOAT32,
        placements=(Placement.BESIDE_FULL,),
        tokens=(Tokens(prompt=(1,), whole=(1, 2)),),
    )
    with pytest.raises(TrainingError, match=r"tuned could not be compared \(MemoryError: 9 GiB\): check"):
        measure_apart(job)
