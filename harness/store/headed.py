"""Files beside a gate: a line that says what they are of, then one line for each thing that was said."""

from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from harness.errors import StoreError
from harness.store.lines import whole_lines


class Head(Protocol):
    """What every head names."""

    @property
    def format_version(self) -> int:
        """Which form the lines have."""
        ...

    @property
    def gate_id(self) -> str:
        """The gate that the lines are about."""
        ...


_H = TypeVar("_H", bound=Head)
_R = TypeVar("_R")


def read_headed(
    path: Path, head: type[_H], row: type[_R], *, gate_id: str, version: int
) -> tuple[_H, list[_R]] | None:
    """Return the head and the rows of the file at `path`, None where it holds no whole line.

    Raises `StoreError` for a file that is damaged, newer than `version`, or about another gate.
    """
    try:
        lines = whole_lines(path)
        if not lines:
            return None
        begun = msgspec.json.decode(lines[0], type=head)
        rows = [msgspec.json.decode(line, type=row) for line in lines[1:]]
    except OSError as error:
        raise StoreError(f"{path} could not be read ({error.strerror}): make it readable") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(f"{path} is damaged ({error}): mend it, or remove it to begin anew") from error
    if begun.format_version > version:
        raise StoreError(
            f"{path} has format version {begun.format_version} and this program reads {version}: run "
            "`pip install -U weighbridge`"
        )
    if begun.gate_id != gate_id:
        raise StoreError(
            f"{path} is about gate {begun.gate_id!r}: put it back into that gate's folder, or remove it"
        )
    return begun, rows
