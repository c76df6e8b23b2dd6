"""What the inputs of a task look like, as a JSON Schema learnt from those of its gold examples."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness import Inputs, InvalidTask, Json

_MOST_WORDS = 40
_EACH_SEEN = 3
_MOST_MASKS = 5
_FEWEST_FOR_A_MASK = 10
_NUMBERS = re.compile(r"[0-9]+")
_KINDS = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
}


def input_shape(pool: Sequence[Inputs]) -> dict[str, Json]:
    """Return a JSON Schema (2020-12) that every one of `pool` satisfies, and little else does.

    A field with few values that come again and again may have no other; one whose values are
    alike but for their digits keeps that form.  Raises `InvalidTask` for an empty pool.
    """
    if not pool:
        raise InvalidTask(
            "the task has no gold examples to take as a pattern: add some to gold.jsonl, or give the "
            "questions with --questions FILE"
        )
    names = list(dict.fromkeys(name for inputs in pool for name in inputs))
    return {
        "type": "object",
        "properties": {name: _shape([each[name] for each in pool if name in each]) for name in names},
        "required": [name for name in names if all(name in each for each in pool)],
        "additionalProperties": False,
    }


def described(shape: Mapping[str, Any]) -> str:
    """Return the fields that have a closed set of values, a line each, for a model to read."""
    closed = {name: field["enum"] for name, field in shape["properties"].items() if "enum" in field}
    return "\n".join(f"{name}: one of {', '.join(map(str, values))}" for name, values in closed.items())


def _shape(values: Sequence[Json]) -> dict[str, Json]:
    kinds = list(dict.fromkeys(map(_kind, values)))
    if kinds == ["string"]:
        return _text_shape([str(value) for value in values])
    if kinds == ["integer"]:
        numbers = [value for value in values if isinstance(value, int)]
        return {"type": "integer", "minimum": min(numbers), "maximum": max(numbers)}
    return {"type": kinds[0] if len(kinds) == 1 else list(kinds)}


def _text_shape(texts: Sequence[str]) -> dict[str, Json]:
    distinct = sorted(set(texts))
    if len(distinct) <= _MOST_WORDS and len(distinct) * _EACH_SEEN <= len(texts):
        return {"enum": list(distinct)}
    masks = sorted({_NUMBERS.sub("0", text) for text in distinct})
    if (
        len(masks) <= _MOST_MASKS
        and len(texts) >= _FEWEST_FOR_A_MASK
        and all("0" in mask for mask in masks)
        and max(map(len, masks)) <= _MOST_WORDS
    ):
        lengths = [len(digits) for text in distinct for digits in _NUMBERS.findall(text)]
        number = f"[0-9]{{{min(lengths)},{max(lengths)}}}"
        forms = "|".join(re.escape(mask).replace("0", number) for mask in masks)
        return {"type": "string", "pattern": f"^({forms})$"}
    return {"type": "string", "minLength": 1, "maxLength": 2 * max(map(len, texts))}


def _kind(value: Json) -> str:
    return _KINDS.get(type(value), "object")
