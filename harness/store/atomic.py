"""Files that are either whole or absent, whatever kills the process or the machine."""

import os
from pathlib import Path

from harness.errors import StoreError


def write_atomically(path: Path, content: bytes) -> None:
    """Leave `content` at `path`, on the disk itself; raise `StoreError` and leave no half file.

    The bytes go to a neighbour that is synced and renamed, so a reader sees the old file
    or the new one.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(content)
        sync(draft)
        draft.replace(path)
        sync(path.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StoreError(
            f"{path} could not be written ({error.strerror}): free or unlock the disk and run the same "
            "command again, it resumes"
        ) from error


def make_folder(folder: Path) -> None:
    """Make a folder of results and those above it, unless it is there; raises `StoreError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder} could not be made ({error.strerror}): choose a results folder that can be written to"
        ) from error


def sync(path: Path) -> None:
    """Wait until the file or folder at `path` has reached the disk; raises `OSError`."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
