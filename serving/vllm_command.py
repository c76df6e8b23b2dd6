"""Words the command line and the environment of a vLLM server; pure."""

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from serving.adapter_config import LORA_RANKS, read_adapter_config
from serving.deployment import KV_CACHE_BYTES, ServerSpec
from serving.hardware import Accelerator

_STRUCTURED = {"backend": "guidance", "disable_any_whitespace": True}
_PRELOADS = ("libtcmalloc_minimal.so.4", "libiomp5.so")


def command(spec: ServerSpec, port: int) -> list[str]:
    """Return the argument list that serves `spec` on a loopback `port`."""
    arguments = [
        *("--served-model-name", spec.served_name),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--dtype", spec.precision.value),
        *("--max-model-len", str(spec.max_model_len)),
        *("--load-format", "safetensors"),
        *("--generation-config", "vllm"),  # the model's own sampling defaults would change replies
        *("--structured-outputs-config", json.dumps(_STRUCTURED)),
        *("--shutdown-timeout", "5"),
        "--disable-uvicorn-access-log",
    ]
    if spec.accelerator is Accelerator.CPU:
        arguments += [
            "--enforce-eager",
            "--kv-cache-memory-bytes",
            str(KV_CACHE_BYTES),
            "--max-num-seqs",
            "64",
            # A seeded request whose prompt is cut in two ends the CPU engine ("does not use offset").
            "--no-enable-chunked-prefill",
        ]
    else:
        arguments += ["--gpu-memory-utilization", str(spec.memory_share)]
    return [*_program(spec), *arguments, *_lora(spec)]


def environment(spec: ServerSpec, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the server: no hub, no usage reports, its share of the cores."""
    chosen = {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if spec.accelerator is Accelerator.CPU:
        # Pinned threads collapse when something else wants their core; unpinned ones share it.
        chosen |= {"VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": str(spec.cores)}
        preloads = [*filter(None, [inherited.get("LD_PRELOAD")]), *_preloads()]
        if preloads:
            chosen["LD_PRELOAD"] = ":".join(preloads)
    return {**inherited, **chosen}


def _program(spec: ServerSpec) -> list[str]:
    if spec.accelerator is Accelerator.CUDA:
        return [str(Path(sys.executable).with_name("vllm")), "serve", str(spec.weights)]
    # The CPU wheel carries no `vllm` metadata, without which the `vllm` command dies.
    return [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(spec.weights)]


def _lora(spec: ServerSpec) -> list[str]:
    """Only the adapters' own modules are wrapped.

    With the output layer wrapped too, as it is by default, asking for prompt
    log-probabilities ends the engine on CPU.
    """
    if not spec.adapters:
        return []
    configs = [read_adapter_config(folder) for _, folder in spec.adapters]
    rank = max(config.rank for config in configs)
    fitting = next((size for size in LORA_RANKS if size >= rank), LORA_RANKS[-1])
    targets = sorted({name for config in configs for name in config.target_modules})
    modules = [f"{name}={folder}" for name, folder in spec.adapters]
    return [
        "--enable-lora",
        *("--max-loras", str(len(spec.adapters))),
        *("--max-lora-rank", str(fitting)),
        *("--lora-target-modules", *targets),
        *("--lora-modules", *modules),
    ]


def _preloads() -> list[str]:
    """Return the allocator and OpenMP run time vLLM asks for, where they are installed."""
    folders = [Path(sys.prefix) / "lib", *Path("/usr/lib").glob("*-linux-gnu")]
    found = [next((str(at / name) for at in folders if (at / name).is_file()), None) for name in _PRELOADS]
    return [path for path in found if path] if find_spec("vllm") else []
