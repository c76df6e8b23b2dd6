"""A file of JSON lines that is only ever added to; a kill loses at most the line being written."""

import json
import os
from collections.abc import Mapping
from pathlib import Path


def append_line(path: Path, row: Mapping[str, object]) -> None:
    """Add `row` to the file at `path`, made when absent, on the disk itself; raises `OSError`.

    What JSON in UTF-8 cannot hold is escaped.
    """
    line = json.dumps(row, ensure_ascii=True).encode() + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        while line:
            line = line[os.write(handle, line) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def whole_lines(path: Path) -> list[bytes]:
    """Return the whole lines of the file at `path`, none where there is none; raises `OSError`.

    A torn last line is left out, not cut off: reading changes nothing.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    return content[: content.rfind(b"\n") + 1].split(b"\n")[:-1]


def cut_torn_line(path: Path) -> None:
    """Cut a torn last line off the file at `path`, if there is one; raises `OSError`."""
    if not path.exists():
        return
    whole = sum(len(line) + 1 for line in whole_lines(path))
    if whole < path.stat().st_size:
        os.truncate(path, whole)
