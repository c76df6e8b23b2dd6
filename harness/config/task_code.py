"""A task's own code, imported under a name of its own so that two copies never mix."""

import hashlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.domain.task import Ask, Decoding, Near, ScoreReply
from harness.errors import InvalidTask

_NEAR = "a function near(inputs, others) -> float from 0 to 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCode:
    """What task.py gives: system message, decoding preset, wording, scorer and perhaps nearness."""

    system: str
    decoding: Decoding
    ask: Ask
    score: ScoreReply
    near: Near | None


def import_task_code(folder: Path, digest: str) -> TaskCode:
    """Return what the task.py in `folder` defines; `digest` is that of the folder's content.

    Raises `InvalidTask` when it raises on import or lacks a name or gives it another type.
    """
    module = _import(folder, package_name(folder, digest))
    return TaskCode(
        system=_name(module, "SYSTEM", "a str", lambda value: isinstance(value, str)),
        decoding=_name(module, "DECODING", "a harness.Decoding", lambda value: isinstance(value, Decoding)),
        ask=_name(module, "ask", "a function ask(inputs) -> str", callable),
        score=_name(module, "score", "a function score(item, reply) -> Score", callable),
        near=_name(module, "near", _NEAR, callable) if hasattr(module, "near") else None,
    )


def package_name(folder: Path, digest: str) -> str:
    """Return a name that no other folder and no other content of this folder has."""
    place = hashlib.sha256(str(folder.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return f"weighbridge_task_{place[:16]}_{digest[:16]}"


def _import(folder: Path, name: str) -> ModuleType:
    """Import task.py as a package, so that `from .sibling import x` finds its neighbours."""
    if name in sys.modules:
        return sys.modules[name]
    source = folder / "task.py"
    spec = spec_from_file_location(name, source, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise InvalidTask(f"{source} cannot be imported: make it a Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # a user's code may raise anything
        _forget(name)
        raise InvalidTask(
            f"{_place(error, source)} raised {type(error).__name__} on import ({_first_line(error)}): "
            "correct it there"
        ) from error
    return module


def _forget(name: str) -> None:
    for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[known]


def _place(error: BaseException, source: Path) -> str:
    """Return the file and line of the task's code that the error comes from."""
    if isinstance(error, SyntaxError):
        return f"{error.filename or source} line {error.lineno}"
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(source.parent)
    ]
    return f"{own[-1].filename} line {own[-1].lineno}" if own else str(source)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "no message")


def _name(module: ModuleType, name: str, wanted: str, accepts: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - a user's value
    missing = object()
    value = getattr(module, name, missing)
    if value is missing:
        raise InvalidTask(f"{module.__file__} defines no {name}: add {wanted} under that name")
    if not accepts(value):
        raise InvalidTask(f"{module.__file__}: {name} is a {type(value).__name__}: make it {wanted}")
    return value
