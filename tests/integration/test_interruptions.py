"""Ctrl-C and SIGTERM in the middle of a gate: one sentence, nothing lost, nobody left behind."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.fixtures import PROGRAM, RunProgram, StartProgram
from tests.fakes.openai_server import FakeServer

pytestmark = pytest.mark.integration

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


def gate(
    server: FakeServer, *more: str, models: tuple[str, str] = ("slow", "slow-and-bad")
) -> tuple[str, ...]:
    return (
        *("gate", "--checkpoint", server.checkpoint(models[0]), "--baseline", server.checkpoint(models[1])),
        *("--tasks", "tickets", "--policy", "policy.toml", "--suites", "target-metric", *more),
    )


def seen_on_a_terminal(command: tuple[str, ...], meanwhile: Callable[[subprocess.Popen[bytes]], None]) -> str:
    """What a user sees of the program on a terminal of their own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    meanwhile(process)
    seen = b""
    with contextlib.suppress(OSError):  # a terminal that nobody holds any more
        while chunk := os.read(ours, 1 << 16):
            seen += chunk
    process.wait(60)
    os.close(ours)
    return seen.decode()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=lambda sign: sign.name)
def test_an_interrupted_gate_says_so_in_one_sentence_and_keeps_what_was_answered(
    sign: signal.Signals, server: FakeServer, start: StartProgram, weighbridge: RunProgram, in_tmp: Path
) -> None:
    process = start(*gate(server, "--concurrency", "4"))
    server.wait_for_chats(30)
    process.send_signal(sign)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    complaints = [line for line in err.splitlines() if not line.startswith("[")]
    assert complaints == [
        "weighbridge: stopped; what was done is kept, and the same command goes on from there"
    ]
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    journals = [path.read_bytes().count(b"\n") for path in in_tmp.glob("results/gates/*/journal-*")]
    assert 20 <= sum(journals) < 120
    assert not list(in_tmp.glob("results/gates/*/COMPLETE"))

    assert "unfinished" in weighbridge("results", "list").out


def test_a_terminal_is_left_as_it_was_found_and_the_sentence_stands_last(
    server: FakeServer,
    in_tmp: Path,  # noqa: ARG001 - where it runs
) -> None:
    def interrupt(process: subprocess.Popen[bytes]) -> None:
        server.wait_for_chats(40)
        process.send_signal(signal.SIGINT)

    seen = seen_on_a_terminal(gate(server), interrupt)
    assert seen.rfind(SHOW) > seen.rfind(HIDE) >= 0
    assert seen.endswith("and the same command goes on from there\r\n")


def test_on_a_terminal_the_answer_begins_where_the_bar_was(
    server: FakeServer,
    in_tmp: Path,  # noqa: ARG001 - where it runs
) -> None:
    command = ("eval", "--checkpoint", server.checkpoint("good"), "--tasks", "tickets", "--items", "10")
    seen = seen_on_a_terminal((*command, "--json"), lambda _process: None)
    assert seen.rfind(SHOW) > seen.rfind(HIDE) >= 0
    assert seen[seen.rfind(SHOW) :].split("\r\n")[0].endswith("\x1b[2K[")


def test_a_killed_decision_goes_on_to_the_end_with_its_finalists_and_asks_nothing_twice(
    server: FakeServer, start: StartProgram, weighbridge: RunProgram, in_tmp: Path
) -> None:
    command = (
        *("decide", "--base", server.checkpoint("slow-and-bad"), "--tuned", server.checkpoint("slow")),
        *("--arms", "zero-shot,fewshot-2", "--task", "tickets", "--policy", "policy.toml"),
        *("--gain", "10", "--margin", "10", "--finalists", "--concurrency", "4"),
    )
    process = start(*command)
    server.wait_for_chats(30)
    process.kill()
    process.wait(60)
    kept = sum(path.read_bytes().count(b"\n") for path in in_tmp.glob("results/gates/*/journal-*"))
    assert 0 < kept < 240
    assert not list(in_tmp.glob("results/gates/*/decision.json"))

    done = weighbridge(*command)
    (decision,) = in_tmp.glob("results/gates/*/decision.json")
    assert (done.status, done.out.split()[0]) == (0, "TRAIN")
    assert f"{kept} replies were known before" in done.out
    assert "Finalists: tuned x zero-shot against base x " in done.out
    lines = [line for path in decision.parent.glob("journal-*") for line in path.read_bytes().splitlines()]
    assert len(lines) == 240
    assert weighbridge("verify", decision.parent).status == 0
