"""The wait for the trend page over a thousand nights: a store of 2,000 runs of 500 items each."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from statistics import median

from bench.figure import Figure, at_most
from harness.store.warehouse import SCHEMA_VERSION

_TURNS = 3
_PROGRAM = "from harness.cli import main; main()"
_MEGABYTE = 1e6


def figures() -> Iterator[Figure]:
    """Yield the wait for the page, the program's own start included, and its size."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder)
        fill(results / "weighbridge.duckdb")
        began_s = _cpu_s()
        waits = [_waited_s(results) for _ in range(_TURNS)]
        name = "trend page over 2,000 runs x 500 items"
        yield Figure(name=f"{name}, wall", value=median(waits), unit="s", goal=at_most(5))
        yield Figure(name=f"{name}, CPU", value=(_cpu_s() - began_s) / _TURNS, unit="s")
        size = (results / "trend.html").stat().st_size / _MEGABYTE
        yield Figure(name=f"{name}, size", value=size, unit="MB")


def fill(database: Path) -> None:
    """Leave a warehouse of a million item results, in which one arm loses ten points half-way."""
    import duckdb

    with duckdb.connect(str(database)) as connection:
        connection.execute(files("harness.store").joinpath("schema.sql").read_text(encoding="utf-8"))
        connection.execute("INSERT INTO schema_version VALUES (?)", [SCHEMA_VERSION])
        connection.execute(Path(__file__).with_name("many_runs.sql").read_text(encoding="utf-8"))


def _cpu_s() -> float:
    """Seconds of processor time that programs started from here have taken."""
    taken = resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken.ru_utime + taken.ru_stime


def _waited_s(results: Path) -> float:
    arguments = ["trend", "--results", str(results), "--html", str(results / "trend.html"), "--json"]
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", _PROGRAM, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began_s
