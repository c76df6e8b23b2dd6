"""An experiment as a TOML file -> its definition, or one sentence that says what to correct.

    question = "Do 40 focused examples beat the same drowned in ten times as many?"
    task = "fractions"
    items = 48
    reference = { data = "none", arm = "zero-shot" }

    [factors]                   # crossed with one another
    data = ["none", "focused", "drowned"]
    recipe = ["mixed"]
    arm = ["zero-shot", "rag-3"]

    [data.focused]
    draw = "fractions"
    count = 40

    [data.drowned]              # made of other data sets
    mix = "focused"
    general = "adjacent"
    dilute = 10

    [recipe.mixed]
    file = "fractions-mixed.toml"
    set = { epochs = 1 }

    [[compare]]                 # besides every cell with the reference
    cell = { data = "drowned", arm = "zero-shot" }
    against = { data = "focused", arm = "zero-shot" }

    [[skip]]                    # cells that are left out
    data = "drowned"
    arm = "rag-3"

A key that is not known is refused, because a misspelt factor would silently not be varied.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from harness.config.toml_file import as_table, read_toml
from harness.errors import InvalidExperiment
from harness.experiments.matrix.definition import (
    DATA_KINDS,
    DecodingLevel,
    Definition,
    Factors,
    Pair,
    RecipeLevel,
    Rule,
)

_TABLES: Mapping[str, type[BaseModel]] = {
    "factors": Factors,
    "recipe": RecipeLevel,
    "decoding": DecodingLevel,
    "reference": Rule,
    "skip": Rule,
    "compare": Pair,
}


def load_definition(path: Path) -> Definition:
    """Return the experiment written at `path`.

    Raises `InvalidExperiment` naming the file, the key, its value and what is allowed.
    """
    fields = read_toml(path, noun="TOML experiment file", error=InvalidExperiment)
    return parse_definition(fields, where=str(path))


def parse_definition(fields: Mapping[str, Any], *, where: str) -> Definition:
    """Return the experiment of these fields; raise `InvalidExperiment` naming the first key that is wrong."""
    return as_table(Definition, fields, where=where, error=InvalidExperiment, sentence=_sentence)


def _sentence(problem: ErrorDetails) -> str:
    loc = [str(part) for part in problem["loc"]]
    is_data = loc[:1] == ["data"]
    kind = loc.pop(2) if is_data and len(loc) > 2 and loc[2] in DATA_KINDS else ""  # noqa: PLR2004 - data, name, kind
    table = _table(loc, kind)
    if problem["type"] == "extra_forbidden":
        known = tuple(table.model_fields)
        near = get_close_matches(loc[-1], known, n=1)
        mended = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
        noun = "factor" if table in (Factors, Rule) else "key"
        return f"unknown {noun} {'.'.join(loc)!r}: {mended}"
    if problem["type"] == "missing":
        return f"{'.'.join(loc)} is missing: write it"
    if loc[-1] == "[key]":
        return (
            f"{'.'.join(loc[:-1])!r} is no name for a level: use 1 to 60 letters, digits, dots, dashes and "
            "underscores"
        )
    if problem["type"] == "too_short":
        return f"{'.'.join(loc)} is empty: name at least one level, or leave it out"
    said = problem["msg"].removeprefix("Value error, ")
    return f"{'.'.join(loc)} is {_brief(problem['input'])}: {said[0].lower()}{said[1:]}"


def _table(loc: list[str], kind: str) -> type[BaseModel]:
    """The table that a place in the file belongs to."""
    if kind:
        return DATA_KINDS[kind]
    if loc[0] == "compare" and len(loc) > 3:  # noqa: PLR2004 - compare, number, side, factor
        return Rule
    return _TABLES.get(loc[0], Definition) if len(loc) > 1 else Definition


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004 - a line
