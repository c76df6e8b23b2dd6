"""Files that verbs were asked for: whole or absent; what is no file but a device is written to as it is."""

import sys
from pathlib import Path

STDOUT = Path("-")


def write_out(path: Path, text: str) -> None:
    """Leave `text` at `path` and say so; `-` is standard output, and a device or pipe stays what it is.

    Raises `StoreError` where a file cannot be written, and `OSError` for a device.
    """
    if path == STDOUT:
        sys.stdout.write(text)
        return
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    from harness.store.atomic import write_atomically

    write_atomically(path, text.encode("utf-8"))
    sys.stderr.write(f"written: {path}\n")
