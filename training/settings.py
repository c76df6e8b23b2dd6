"""KEY=VALUE on a command line, in place of what a recipe says."""

import tomllib
from collections.abc import Sequence
from typing import Any

from harness import InvalidRecipe


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Return the settings as nested fields; a value is read as TOML, and as plain text where it is none.

    `lora.rank=8` sets a key of a table.  Raises `InvalidRecipe` for a setting without a key or
    an equals sign.
    """
    fields: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        path = _path(key.strip(), setting) if equals else ()
        if not path:
            raise InvalidRecipe(f"--set {setting!r} is no setting: write KEY=VALUE, such as --set epochs=1")
        table = fields
        for name in path[:-1]:
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                raise InvalidRecipe(f"--set {setting!r} sets part of a key that was set as a whole: set one")
        table[path[-1]] = _value(value.strip())
    return fields


def overlaid(fields: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    """Return `fields` with `settings` in their place; shares of arms are replaced as a whole."""
    laid = dict(fields)
    for key, value in settings.items():
        known = laid.get(key)
        both = isinstance(value, dict) and isinstance(known, dict) and key != "prompt_arms"
        laid[key] = overlaid(known, value) if both else value  # type: ignore[arg-type]
    return laid


def _path(key: str, setting: str) -> tuple[str, ...]:
    """The key's parts; arms have dashes, so parts are parted by dots alone."""
    parts = tuple(part.strip().strip('"') for part in key.split("."))
    if not all(parts):
        raise InvalidRecipe(f"--set {setting!r} has an empty key: write KEY=VALUE, such as --set lora.rank=8")
    return parts


def _value(text: str) -> Any:  # noqa: ANN401 - of any type TOML has
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
