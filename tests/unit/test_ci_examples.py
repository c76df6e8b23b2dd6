"""The workflows in docs/ci are valid by the published schemas, and every command in them is one of ours."""

import json
import re
import shlex
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml

from harness.cli.app import app

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS = {
    "github-nightly.yml": "github-workflows.json",
    "github-gate.yml": "github-workflows.json",
    "gitlab-ci.yml": "gitlab-ci.json",
}
COMMAND = re.compile(r"(?:^|[\s/])(weighbridge (?:gate|nightly|report)\b[^|;&>#\n`]*)")


def schema(name: str) -> dict[str, Any]:
    """A schema that check-jsonschema carries."""
    shipped = files("check-jsonschema") or ()
    path = next(path for path in shipped if path.match(f"builtin_schemas/vendor/{name}"))
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def workflow(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DOCS / "ci" / name).read_text(encoding="utf-8"))
    return read


def problems(document: dict[str, Any], schema_name: str) -> list[str]:
    checked = schema(schema_name)
    validator = jsonschema.validators.validator_for(checked)(checked)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]


def commands() -> Iterator[tuple[str, str]]:
    for path in (*sorted((DOCS / "ci").glob("*.yml")), DOCS / "nightly.md"):
        for command in COMMAND.findall(path.read_text(encoding="utf-8")):
            yield path.name, command


def parsed(command: str) -> dict[str, Any]:
    """The options of a command line, as the program would take them."""
    _, verb, *arguments = shlex.split(command)
    group = typer.main.get_command(app)
    context = group.make_context("weighbridge", [verb, *arguments])
    _, found, rest = group.resolve_command(context, [verb, *arguments])  # type: ignore[attr-defined]
    options: dict[str, Any] = found.make_context(verb, rest, parent=context).params
    return options


def test_every_workflow_beside_the_documents_is_checked() -> None:
    assert {path.name for path in (DOCS / "ci").glob("*.yml")} == set(SCHEMAS)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_workflow_is_valid_by_its_published_schema(name: str) -> None:
    assert problems(workflow(name), SCHEMAS[name]) == []


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_would_find_a_misspelt_key(name: str) -> None:
    spoilt = workflow(name)
    job = spoilt.get("jobs", spoilt)
    next(job[key] for key in ("nightly", "gate") if key in job)["scrpt"] = [1]
    assert problems(spoilt, SCHEMAS[name])


@pytest.mark.parametrize(("file", "command"), sorted(set(commands())))
def test_every_command_is_understood_by_the_program(file: str, command: str) -> None:
    assert parsed(command), file


def test_a_command_that_the_program_does_not_know_would_be_found() -> None:
    with pytest.raises(Exception, match=r"(?i)no such option"):
        parsed("weighbridge nightly nightly.toml --resultz x")
