"""Options that belong together, as one parameter of every verb that takes them.

A group is a frozen dataclass whose fields are annotated as Typer has it.  What verbs do with
the same options then stands once, as the group's methods.
"""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def opened(verb: Callable[..., None]) -> Callable[..., None]:
    """Return `verb` with the options of each group among its parameters as options of its own.

    They stand in the place of their group, in the order of its fields; all are given by name.
    """
    hints = get_type_hints(verb, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if is_dataclass(hint)}

    @wraps(verb)
    def with_groups(**given: Any) -> None:  # noqa: ANN401 - what the command line gives
        packed = {
            name: group(**{each.name: given.pop(each.name) for each in fields(group)})  # type: ignore[operator]
            for name, group in groups.items()
        }
        verb(**given, **packed)

    signature = inspect.signature(verb)
    options = [
        option
        for name, parameter in signature.parameters.items()
        for option in (_options(groups[name]) if name in groups else [_named(parameter, hints[name])])
    ]
    with_groups.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]
    return with_groups


def _options(group: Any) -> list[inspect.Parameter]:  # noqa: ANN401 - a class of options
    hints = get_type_hints(group, include_extras=True)
    made = inspect.signature(group).parameters.values()
    return [_named(parameter, hints[parameter.name]) for parameter in made]


def _named(parameter: inspect.Parameter, hint: Any) -> inspect.Parameter:  # noqa: ANN401 - any annotation
    return parameter.replace(annotation=hint, kind=parameter.KEYWORD_ONLY)
