"""Starts the training process and listens to it; torch never enters the caller.

The process holds the reading end of a pipe from here.  However this one ends, the pipe
closes, and training with it: a killed run leaves no orphan that would write beside its
successor.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

import harness
from harness import TrainingError, WeighbridgeError
from training.devices import gpus
from training.events import Event, Finished, Refused, decode
from training.job import Job, kept

_FSDP = Path(__file__).with_name("accelerate") / "fsdp.yaml"
_GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "262144"}
"""Has glibc give freed tensors back at once: batches of changing length otherwise leave a heap full of holes,
half as large again as what is in use, and no estimate can know that."""

_LOCAL = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
_WAIT_S = 10


def launch(job: Job, path: Path, listen: Callable[[Event], None]) -> Finished | None:
    """Return how the training of the job at `path` ended, None when only an estimate was asked for.

    Events go to `listen` as they come.  Raises what the training process was refused with, and
    `TrainingError` when it died.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(job.run / "lock", timeout=0):
            return _listened(job, path, listen)
    except Timeout as error:
        raise TrainingError(
            f"another process is training into {job.out}: wait for it, or give another --out"
        ) from error


def command(path: Path, *, devices: int) -> list[str]:
    """Return the command line that trains the job at `path` on so many GPUs; none means the processor."""
    python = [sys.executable, "-P", "-W", "ignore"]
    if devices <= 1:
        return [*python, "-m", "training.run", str(path)]
    spread = ["--config_file", str(_FSDP), "--num_processes", str(devices)]
    return [*python, "-m", "accelerate.commands.launch", *spread, "-m", "training.run", str(path)]


def _listened(job: Job, path: Path, listen: Callable[[Event], None]) -> Finished | None:
    last: Event | None = None
    with _running(command(path, devices=gpus()), job.log) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        for line in process.stdout:
            last = _heard(line)
            if isinstance(last, Refused):
                raise _error(last)
            if last is not None:
                listen(last)
        status = process.wait()
    if status != 0:
        raise _death(job, status)
    return last if isinstance(last, Finished) else None


@contextmanager
def _running(arguments: list[str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The process while it is listened to; on the way out the pipe closes, and it ends."""
    # Threads that spin while they wait take the processor from those that work.
    environment = {"OMP_WAIT_POLICY": "PASSIVE", **_GIVEN_BACK, **os.environ, **_LOCAL}
    with log.open("ab") as sink:
        process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink, env=environment
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(timeout=_WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _heard(line: bytes) -> Event | None:
    try:
        return decode(line)
    except msgspec.MsgspecError:
        return None  # a launcher may print words of its own


def _error(refused: Refused) -> WeighbridgeError:
    kind = getattr(harness, refused.error, TrainingError)
    error: WeighbridgeError = kind(refused.sentence)
    return error


def _death(job: Job, status: int) -> TrainingError:
    if status == -signal.SIGKILL:
        return TrainingError(
            f"the training process was killed, most likely for want of memory; {kept(Path(job.out))}: free "
            "memory or halve batch_examples, and the same command goes on from there"
        )
    lines = [line for line in job.log.read_text(errors="replace").splitlines() if line.strip()]
    last = lines[-1].strip() if lines else f"exit status {status}"
    return TrainingError(
        f"the training process ended ({last}); {kept(Path(job.out))}: see {job.log}, and the same command "
        "goes on from there"
    )
