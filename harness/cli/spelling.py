"""Options as a shell takes them, for the command that follows another."""

import shlex
from collections.abc import Mapping


def spelt(options: Mapping[str, object]) -> str:
    """Return options as words of a command line; those that are None, empty or False are left out."""
    return " ".join(_spelt(name, value) for name, value in options.items() if value not in (None, "", False))


def _spelt(name: str, value: object) -> str:
    return name if value is True else f"{name} {shlex.quote(str(value))}"
