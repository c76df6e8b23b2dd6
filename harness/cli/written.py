"""Files that verbs were asked for: whole or absent; what is no file but a device is written to as it is."""

import sys
from pathlib import Path

STDOUT = Path("-")


def write_out(path: Path, content: str | bytes) -> None:
    """Leave `content` at `path` and say so; `-` is standard output, and a device or pipe stays what it is.

    Raises `StoreError` where a file cannot be written, and `OSError` for a device.
    """
    if path == STDOUT and isinstance(content, str):
        sys.stdout.write(content)
        return
    encoded = content.encode("utf-8") if isinstance(content, str) else content
    if path == STDOUT:
        sys.stdout.buffer.write(encoded)
        return
    if path.exists() and not path.is_file():
        path.write_bytes(encoded)
        return
    from harness.store.atomic import write_atomically

    write_atomically(path, encoded)
    sys.stderr.write(f"written: {path}\n")
