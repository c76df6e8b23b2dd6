"""Whether the fields of a JSON reply are exactly the expected ones."""

import json
from collections.abc import Mapping, Sequence

from harness.domain.score import Score
from harness.domain.task import Json
from harness.errors import InvalidTask
from harness.scoring.json_schema import parse_reply


def exact_fields(expected: "Mapping[str, Json] | Json", reply: str, fields: Sequence[str]) -> Score:
    """Return the share of `fields` that `reply` gives exactly as `expected` does, in [0, 1].

    Each field is a part of 0 or 1.  Equal means the same JSON value: `null` is not a missing
    field, `true` is not 1, "A" is not "a".  Other fields of the reply are left to the schema.
    A reply that is no JSON object scores 0.  Raise `InvalidTask` when `expected` lacks a field.
    """
    if not isinstance(expected, dict | Mapping) or not fields or not all(map(expected.__contains__, fields)):
        raise InvalidTask(f"the reference {expected!r} must be an object with the fields {list(fields)}")
    try:
        given = parse_reply(reply)
    except ValueError as error:
        return _nothing(fields, str(error))
    if not isinstance(given, dict):
        return _nothing(fields, "the reply is no JSON object")
    parts: dict[str, float] = {}
    wrong: list[str] = []
    for name in fields:
        right = name in given and _same(given[name], expected[name])
        parts[name] = 1.0 if right else 0.0
        if not right:
            wrong.append(name)
    return Score(
        value=sum(parts.values()) / len(parts),
        parts=parts,
        note="; ".join([_difference(name, expected[name], given) for name in wrong]) if wrong else "",
    )


_ENCODER = json.JSONEncoder(sort_keys=True)


def _nothing(fields: Sequence[str], note: str) -> Score:
    return Score(value=0.0, parts=dict.fromkeys(fields, 0.0), note=note)


def _same(one: Json, other: Json) -> bool:
    """Whether two JSON values are spelled alike, the order of keys aside."""
    if type(one) is type(other) and isinstance(one, str | int):
        return one == other
    return _canonical(one) == _canonical(other)


def _canonical(value: Json) -> str:
    return _ENCODER.encode(value)


def _difference(name: str, wanted: Json, given: Mapping[str, Json]) -> str:
    found = _canonical(given[name])[:60] if name in given else "nothing"
    return f"{name} is {found}, not {_canonical(wanted)}"
