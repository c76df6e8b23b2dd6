"""Processes that benchmarks are made of: servers that stand for a while, contestants that run once.

A server has the last core for itself and contestants the others.  Left alone, Linux wakes a
client on the core of the server that wrote to it, where it waits until the server's burst is
over: that would be measured as the client's lag.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

from bench.figure import NotMeasured

_SHOWN = 400


@contextmanager
def started(command: Sequence[str], *, server: bool, placed: bool = True) -> Iterator[subprocess.Popen[str]]:
    """Yield a process with pipes for all it says, on the server's core or on the others if `placed`."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        if placed:
            _place(child.pid, server=server)
        yield child


@contextmanager
def serving(module: str, *arguments: str) -> Iterator[str]:
    """Yield the URL of a server module run in a process of its own, which ends with the block."""
    with started([sys.executable, "-m", module, *arguments], server=True) as child:
        try:
            port = child.stdout.readline().strip() if child.stdout else ""
            if not port.isdigit():
                raise NotMeasured(f"{module} did not start: run `python -m {module}` to see why")
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()


def last_line(module: str, *arguments: str, placed: bool = True) -> str:
    """Return the last line a module prints, run in a process of its own, off the server's core if `placed`.

    Raises `NotMeasured` with the last line of its complaint when it fails.
    """
    with started([sys.executable, "-m", module, *arguments], server=False, placed=placed) as child:
        said, complaint = child.communicate()
    if child.returncode != 0:
        last = (complaint.strip().splitlines() or ["it said nothing"])[-1]
        raise NotMeasured(f"`python -m {module} {' '.join(arguments)}` failed: {last[:_SHOWN]}")
    return said.strip().splitlines()[-1]


def require(package: str) -> None:
    """Raise `NotMeasured` when an optional package is not installed."""
    if find_spec(package) is None:
        raise NotMeasured(f"{package} is not installed: pip install --requirement requirements/bench.txt")


def _place(pid: int, *, server: bool) -> None:
    """Keep a process to its cores, where there are two and the system can."""
    if not hasattr(os, "sched_setaffinity"):
        return
    *others, last = sorted(os.sched_getaffinity(0))
    if others:
        os.sched_setaffinity(pid, {last} if server else set(others))
