"""One open loop in a process of its own: when each request was due and when it left, as JSON.

python -m bench.open_loop_contest NAME URL --rate 1000 --requests 20000

A second's worth of requests goes first and is not kept.
"""

import os
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass

import msgspec

from bench.contention import since, waited_s
from bench.contestants import arrivals
from bench.contestants.arrivals import Dispatch, Schedule
from bench.product import run

SCHEDULES: dict[str, Schedule] = {"weighbridge": arrivals.weighbridge, "aiohttp": arrivals.aiohttp_loop}


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """What became of a schedule, and what keeping it took."""

    dispatches: tuple[Dispatch, ...]
    cpu_s: float
    wall_s: float
    waited_s: float | None


def main() -> None:
    """Print the departures as one line of JSON."""
    parser = ArgumentParser(prog="python -m bench.open_loop_contest", description=__doc__)
    parser.add_argument("name", choices=SCHEDULES)
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, default=1000.0, help="requests a second")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0, help="of the schedule")
    chosen = parser.parse_args()
    began_s, cpu_began_s, in_line_s = time.perf_counter(), time.process_time(), waited_s()
    found = run(_departed(chosen.name, chosen.url, chosen.rate, chosen.requests, chosen.seed))
    departures = Departures(
        dispatches=tuple(found),
        cpu_s=time.process_time() - cpu_began_s,
        wall_s=time.perf_counter() - began_s,
        waited_s=since(in_line_s),
    )
    # Megabytes: an unbuffered sys.stdout would lose what the pipe does not take at once.
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(msgspec.json.encode(departures) + b"\n")


async def _departed(name: str, url: str, rate: float, count: int, seed: int) -> list[Dispatch]:
    return await SCHEDULES[name](url, rate, count, seed)


if __name__ == "__main__":
    main()
