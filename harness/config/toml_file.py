"""A TOML file that a person wrote -> its tables, or a sentence that says what is wrong with it."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from harness.errors import UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_Table = TypeVar("_Table", bound="BaseModel")


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


def as_table(
    model: type[_Table],
    fields: Mapping[str, Any],
    *,
    where: str,
    error: type[UsageError],
    sentence: "Callable[[ErrorDetails], str]",
) -> _Table:
    """Return the fields of a file as the pydantic `model` that says what it may hold.

    Raises `error` with `where` and what `sentence` says of one problem: an unknown key rather than
    the missing one that it was meant to be.
    """
    from pydantic import ValidationError

    try:
        # As JSON, because a list in a file is what a tuple is here, and nothing else is converted.
        return model.model_validate_json(json.dumps(dict(fields), default=str), strict=True)
    except ValidationError as wrong:
        problems = wrong.errors()
        told = next((each for each in problems if each["type"] == "extra_forbidden"), problems[0])
        raise error(f"{where}: {sentence(told)}") from wrong
