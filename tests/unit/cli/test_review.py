"""`weighbridge review` on the command line: read here, summed up, refused in a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.domain.policy import Policy, ReadsPolicy
from harness.domain.run import Side
from harness.store.gate_folder import GateFolder
from tests.fakes.fixtures import RunProgram
from tests.fakes.read_gates import Gate, kept

POLICY = Policy(sequential=False, reads=ReadsPolicy(required=3, min_accepted=0.5))
HOSTILE = "\x1b[2J\u202ereply <b>"


@pytest.fixture
def gate(in_tmp: Path, recorded: Callable[..., Gate]) -> GateFolder:
    same = [float(number % 5 > 0) for number in range(60)]
    return kept(in_tmp / "results", recorded({"sums": (same, same)}, policy=POLICY), _said)


def _said(side: Side, _item_id: str) -> str:
    return f"{HOSTILE} {side}"


def test_a_gate_is_read_in_the_terminal_and_the_exit_code_is_its_verdicts(
    gate: GateFolder, weighbridge: RunProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(["g", "x not good", "q", "g"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(keys))
    command = ("review", gate.path, "--reviewer", "Ada", "--terminal", "--items", 3)
    stopped = weighbridge(*command)
    assert stopped.status == 2
    assert stopped.complaint.endswith("what was read is kept, and the same command goes on from there")
    assert "\x1b" not in stopped.out
    assert "\\u001b[2J\\u202ereply <b>" in stopped.out
    done = weighbridge(*command)
    assert (done.status, done.err) == (0, "")
    assert "Ada: 3 items (pairs), 4 of 6 replies accepted" in done.out
    assert done.out.splitlines()[-1].startswith("PASSED  ")
    assert weighbridge("verify", gate.path).status == 0


def test_what_was_read_is_told_for_machines_too(gate: GateFolder, weighbridge: RunProgram) -> None:
    told = weighbridge("review", gate.path, "--agreement")
    assert (told.status, told.err) == (3, "")
    assert "Nobody has read any yet." in told.out
    found = json.loads(weighbridge("review", gate.path, "--agreement", "--json").out)
    assert (found["readable"], found["readers"], found["demand"]["required"]) == (60, [], 3)


@pytest.mark.parametrize(
    ("verb", "options", "sentence"),
    [
        ("review", (), "name one with --reviewer"),
        ("review", ("--reviewer", "Ada", "--rubric", "none.md"), "none.md could not be read"),
        ("review", ("--reviewer", "Ada", "--tasks", "nowhere"), "unknown task 'nowhere'"),
        ("judge", (), "unknown task 'sums'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    verb: str, options: tuple[str, ...], sentence: str, gate: GateFolder, weighbridge: RunProgram
) -> None:
    done = weighbridge(verb, gate.path, *options)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert sentence in done.err
    assert gate.reads() == ()


def test_a_database_of_a_newer_program_is_refused_with_the_command(
    gate: GateFolder, weighbridge: RunProgram
) -> None:
    import duckdb

    weighbridge("review", gate.path, "--agreement")
    with duckdb.connect(gate.path.parents[1] / "weighbridge.duckdb") as other:
        other.execute("UPDATE schema_version SET version = 99")
    done = weighbridge("review", gate.path, "--agreement")
    assert done.status == 2
    assert "run `pip install -U weighbridge`" in done.err
