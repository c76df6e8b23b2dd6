"""Whether a raw reply is machine-readable: one JSON value that its JSON Schema accepts.

Nothing is repaired first: a reply in a code fence or with a word of courtesy around it
breaks the program that reads it, so it counts as invalid here too.
"""

import json
from collections.abc import Iterable, Mapping
from math import isinf

from harness.domain.score import Score
from harness.domain.task import Json
from harness.errors import InvalidTask
from harness.scoring.schema_in_rust import quick_yes

_NOTE_CHARACTERS = 200
_VALID = Score(value=1.0)


class SchemaValidator:
    """A JSON Schema (2020-12) compiled once and asked about many replies."""

    def __init__(self, schema: Mapping[str, Json]) -> None:
        """Compile `schema`; raise `InvalidTask` when it is no valid 2020-12 schema."""
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError
        from referencing import Registry

        try:
            Draft202012Validator.check_schema(dict(schema))
        except SchemaError as error:
            raise InvalidTask(
                f"the schema is not JSON Schema 2020-12, {_place(error.absolute_path)}: {error.message}; "
                "correct schema.json"
            ) from error
        # An empty registry, because the default one fetches remote references over the network.
        self._validator = Draft202012Validator(dict(schema), registry=Registry())
        self._surely = quick_yes(schema) or _unsure

    def validity(self, reply: str) -> Score:
        """Return 1 for a raw reply the schema accepts, else 0 with the first error in the note.

        Raise `InvalidTask` when the schema refers to one that it does not contain.
        """
        try:
            value = parse_reply(reply)
        except ValueError as problem:
            return _invalid(str(problem))
        return _VALID if self._surely(value) else self._judged(value)

    def _judged(self, value: Json) -> Score:
        from referencing.exceptions import Unresolvable

        try:
            error = next(self._validator.iter_errors(value), None)
        except ValueError as problem:
            return _invalid(str(problem))
        except RecursionError:
            return _invalid("the reply is nested too deeply to be checked")
        except Unresolvable as problem:
            raise InvalidTask(f"the schema refers to {problem.ref!r}; put it under $defs") from problem
        if error is None:
            return _VALID
        return _invalid(f"{_place(error.absolute_path)}: {error.message}")


def schema_validity(schema: Mapping[str, Json], reply: str) -> Score:
    """Return 1 for a raw reply that `schema` accepts, else 0 with the first error in the note.

    Compiles the schema anew; keep a `SchemaValidator` to ask about many replies.
    """
    return SchemaValidator(schema).validity(reply)


def parse_reply(reply: str) -> Json:
    """Return the one JSON value (RFC 8259) that `reply` is, white space around it aside.

    Raise `ValueError` with the place and the reason for anything else, and for what readers
    of JSON disagree on: NaN and Infinity, numbers beyond a double, keys given twice.
    """
    try:
        # Read at once, without looking for white space around it, as most replies are: half the time.
        value: Json
        try:
            value, end = _DECODER.scan_once(reply, 0)  # type: ignore[attr-defined]  # typeshed leaves it out
        except StopIteration:
            end = -1
        return value if end == len(reply) else _DECODER.decode(reply)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at character {error.pos}: {error.msg}") from error
    except RecursionError as error:
        raise ValueError("the reply is nested too deeply to be read") from error


def _unsure(_: Json) -> bool:
    return False


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON number")


def _finite(literal: str) -> float:
    number = float(literal)
    if isinf(number):
        raise ValueError(f"{literal[:20]} is beyond the range of a double")
    return number


def _unique_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is given twice")
    return document


_DECODER = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique_keys
)
"""Made once: making one takes longer than reading a short reply."""


def _place(path: Iterable[str | int]) -> str:
    steps = "/".join(str(step) for step in path)
    return f"at {steps}" if steps else "at the top"


def _invalid(note: str) -> Score:
    short = note if len(note) <= _NOTE_CHARACTERS else note[: _NOTE_CHARACTERS - 1] + "…"
    return Score(value=0.0, note=short)
