"""A TOML file that a person wrote -> its tables, or a sentence that says what is wrong with it."""

import tomllib
from pathlib import Path
from typing import Any

from harness.errors import UsageError


def read_toml(path: Path, *, noun: str, error: type[UsageError]) -> dict[str, Any]:
    """Return what stands in `path`, which `noun` names in the sentence of a refusal.

    Raises `error` for a file that cannot be read or is not TOML.  A byte order mark is no fault.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as unread:
        raise error(f"{path} could not be read ({unread.strerror}): give the path of a {noun}") from unread
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as other:
        raise error(f"{path} is not TOML ({other}): correct it there") from other
