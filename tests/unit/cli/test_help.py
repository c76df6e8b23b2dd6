"""What the program says of itself, and what it loads to say it."""

import subprocess
import sys

import pytest

from tests.fakes.fixtures import PROGRAM, RunProgram

VERBS = (
    ("demo",),
    ("gate",),
    ("decide",),
    ("cost",),
    ("latency",),
    ("preflight",),
    ("embed",),
    ("nightly",),
    ("noise",),
    ("plan",),
    ("eval",),
    ("parity",),
    ("export",),
    ("compare",),
    ("serve",),
    ("train",),
    ("verify",),
    ("report",),
    ("publish",),
    ("data", "raft"),
    ("data", "review"),
    ("data", "synthesize"),
    ("data", "draw"),
    ("data", "audit"),
    ("data", "dedup"),
    ("data", "decontaminate"),
    ("data", "mix"),
    ("review",),
    ("judge",),
    ("results", "list"),
    ("results", "sql"),
    ("results", "rebuild"),
)
HEAVY = {
    *("numpy", "scipy", "torch", "transformers", "sentence_transformers", "aiohttp", "duckdb", "pymongo"),
    *("pydantic", "jsonschema", "vllm", "pytest"),
}


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_explains_itself_with_an_example(verb: tuple[str, ...], weighbridge: RunProgram) -> None:
    done = weighbridge(*verb, "--help")
    assert (done.status, done.err) == (0, "")
    shown = " ".join(done.out.split())
    assert f"For example: weighbridge {' '.join(verb)} " in shown


def test_the_program_names_its_verbs_and_exit_codes(weighbridge: RunProgram) -> None:
    done = weighbridge("--help")
    shown = " ".join(done.out.split())
    assert done.status == 0
    assert "Exit codes: 0 PASSED, 1 REGRESSED, 2 INVALID or could not measure, 3 INCONCLUSIVE." in shown
    assert all(f" {verb[0]} " in shown for verb in VERBS)


@pytest.mark.parametrize(
    "arguments",
    [("gate",), ("nonsense",), ("gate", "--items", "0"), ("verify",), ("results", "sql")],
    ids=" ".join,
)
def test_a_command_line_that_is_not_understood_ends_with_status_2(
    arguments: tuple[str, ...], weighbridge: RunProgram
) -> None:
    done = weighbridge(*arguments)
    assert (done.status, done.out) == (2, "")
    assert "Error: " in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("program", "allowed"),
    [
        ("import harness", set()),
        ("import harness; harness.load_task, harness.Checkpoint, harness.SchemaValidator", set()),
        (PROGRAM, {"pydantic"}),
    ],
    ids=["import harness", "public names", "weighbridge --help"],
)
def test_starting_up_loads_no_heavy_library(program: str, allowed: set[str]) -> None:
    script = (
        f"import sys; sys.argv = ['weighbridge', '--help']\ntry:\n    {program}\nexcept SystemExit: pass\n"
        "print('loaded:', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rpartition("loaded:")[2].split())
    assert loaded & HEAVY <= allowed
