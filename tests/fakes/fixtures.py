"""Fixtures of the end-to-end tests: served models, and the command line in and out of process."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.fakes.openai_server import Asked, FakeServer
from tests.fakes.tickets import PROBE, TICKETS, bad, chatty, forgetful, good, hazy, slowly

POLICY = f"""
items = 60
sequential = false
[target_metric]
margin = 0.1
[schema_validity]
margin = 0.1
[forgetting]
probes = ["{PROBE}"]
items = 40
margin = 0.1
[latency]
pairs = 12
max_tokens = 8
role = "report"
"""
PROGRAM = "from harness.cli import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a run of the program ended in."""

    status: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The last line on standard error, which is all of it when nothing was begun."""
        return self.err.splitlines()[-1] if self.err else ""


class RunProgram(Protocol):
    """Runs `weighbridge` with arguments, in this process."""

    def __call__(self, *arguments: object) -> Done: ...


class StartProgram(Protocol):
    """Starts `weighbridge` with arguments, as a process of its own in a session of its own."""

    def __call__(self, *arguments: object, before: str = "") -> subprocess.Popen[str]: ...


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Serves models of every kind on one port."""
    with _serving() as running:
        yield running


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Works in a folder of its own, with a cache of its own and a policy file; returns the folder."""
    monkeypatch.chdir(tmp_path)
    for name, value in _environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MONGODB_URI", raising=False)
    (tmp_path / "policy.toml").write_text(POLICY)
    return tmp_path


@pytest.fixture
def weighbridge(in_tmp: Path) -> RunProgram:  # noqa: ARG001 - where it runs
    """Runs the program in this process, which saves its start."""
    return _run


@pytest.fixture
def start(in_tmp: Path) -> Iterator[StartProgram]:
    """Starts the program; what is still running in the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: object, before: str = "") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", f"{before}\n{PROGRAM}", *map(str, arguments)],
            cwd=in_tmp,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


@pytest.fixture
def task_copy(in_tmp: Path) -> Callable[[str], Path]:
    """Copies the tickets task under another name and returns the folder."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(TICKETS, in_tmp / name, ignore=shutil.ignore_patterns("__pycache__")))

    return copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Two gates over all suites: one that passed, and one that regressed and was printed as JSON."""

    results: Path
    passed: Done
    regressed: Done
    asked_until_passed: tuple[Asked, ...]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Two gates in one results folder, which is not to be changed; `results` is a copy."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "policy.toml").write_text(POLICY)
    shared = ("--tasks", "tickets", "--policy", folder / "policy.toml", "--results", folder / "results")
    with _serving() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in _environment(folder).items():
            patch.setenv(name, value)
        baseline = ("--baseline", server.checkpoint("also-good"))
        passed = _run("gate", "--checkpoint", server.checkpoint("good"), *baseline, *shared)
        asked = server.asked
        regressed = _run("gate", "--checkpoint", server.checkpoint("bad"), *baseline, *shared, "--json")
    return Finished(results=folder / "results", passed=passed, regressed=regressed, asked_until_passed=asked)


@pytest.fixture
def results(finished: Finished, in_tmp: Path) -> Path:
    """A copy of the finished results that a test may spoil."""
    return Path(shutil.copytree(finished.results, in_tmp / "finished"))


def _serving() -> FakeServer:
    models = {
        "good": good(),
        "also-good": good(),
        "slow": slowly(good(), delay_s=0.05),
        "slow-and-bad": slowly(bad(), delay_s=0.05),
        "bad": bad(),
        "hazy": hazy("one"),
        "hazy-too": hazy("two"),
        "chatty": chatty(),
        "forgetful": forgetful(),
    }
    return FakeServer(models)


def _environment(folder: Path) -> dict[str, str]:
    return {"WEIGHBRIDGE_CACHE": str(folder / "cache"), "COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}


def _run(*arguments: object) -> Done:
    from harness.cli.app import app

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app([os.fspath(each) if isinstance(each, Path) else str(each) for each in arguments])
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        else:
            status = 0
    return Done(status=status, out=out.getvalue(), err=err.getvalue())
