"""Decodings as tasks: copies of a task that differ in nothing but how replies are decoded.

A gate asks several tasks of one server, so that several decodings cost one start.
"""

import shutil
from pathlib import Path

from harness.domain.experiment import OWN_DECODING
from harness.experiments.matrix.definition import DecodingLevel


def task_name(source: Path, decoding: str) -> str:
    """Return the name of the task under a decoding."""
    return source.name if decoding == OWN_DECODING else f"{source.name}.{decoding}"


def task_under(source: Path, name: str, level: DecodingLevel | None, folder: Path) -> Path:
    """Return the folder of the task in `source` under the decoding called `name`, copied into `folder`.

    The task's own decoding, which has no level, needs no copy.
    """
    if level is None:
        return source
    out = folder / task_name(source, name)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(source, out, ignore=shutil.ignore_patterns("__pycache__"))
    settings = ", ".join(f"{key}={value!r}" for key, value in level.model_dump(exclude_none=True).items())
    with (out / "task.py").open("a", encoding="utf-8") as code:
        code.write(
            "\n\nfrom dataclasses import replace as _replaced  # noqa: E402\n\n"
            f"DECODING = _replaced(DECODING, {settings})\n"
        )
    return out
