"""How long a user waits for nothing: import and help, as CPU time and wall time of a process."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure, NotMeasured, at_most

_RUNS = 7
_WEIGHBRIDGE = str(Path(sys.executable).with_name("weighbridge"))


def figures() -> Iterator[Figure]:
    """Yield medians over seven runs, and the same for an empty program beside them."""
    if not Path(_WEIGHBRIDGE).exists():
        raise NotMeasured("weighbridge is not installed beside this interpreter: install the project there")
    commands = {
        "python -c pass": ([sys.executable, "-c", "pass"], None),
        "import harness": ([sys.executable, "-c", "import harness"], at_most(0.3)),
        "weighbridge --help": ([_WEIGHBRIDGE, "--help"], at_most(0.5)),
    }
    for name, (command, goal) in commands.items():
        runs = [_timed(command) for _ in range(_RUNS)]
        yield Figure(name=f"{name}, wall", value=statistics.median(w for w, _ in runs), unit="s", goal=goal)
        yield Figure(name=f"{name}, CPU", value=statistics.median(c for _, c in runs), unit="s")


def _timed(command: list[str]) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall_s = time.perf_counter() - began_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
