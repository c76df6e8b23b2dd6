"""One contestant in a process of its own: what it costs, as one line of JSON.

    python -m bench.contest NAME URL --items N [--first N/10] [--concurrency 64]

It warms up, then does the first part of the work, then all of it; what an item costs is the
difference over the difference, so that neither imports nor the fixed costs of a run count.
"""

import json
import resource
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.contention import since, waited_s
from bench.contestants.frameworks import inspect_ai, lm_eval
from bench.contestants.job import Job
from bench.contestants.loops import aiohttp_loop, httpx_loop, openai_sdk
from bench.contestants.ours import weighbridge
from bench.contestants.raw import raw_protocol

CONTESTANTS: dict[str, Callable[[Job], int]] = {
    "weighbridge": weighbridge,
    "raw protocol": raw_protocol,
    "aiohttp": aiohttp_loop,
    "httpx": httpx_loop,
    "openai": openai_sdk,
    "lm_eval": lm_eval,
    "inspect_ai": inspect_ai,
}
_FIRST_PART = 10
_WARM_UP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a run over `items` items took.

    `peak_kib` is the most memory the process ever held; `waited_s` is how long of `wall_s` it
    was ready to run while something else ran, None where nobody counts.
    """

    items: int
    cpu_s: float
    wall_s: float
    peak_kib: int
    waited_s: float | None = None

    @property
    def in_line(self) -> float | None:
        """Share of the wall time spent in line for a core, in [0, 1]."""
        return None if self.waited_s is None else self.waited_s / self.wall_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """A small run and a large one of the same process."""

    small: Effort
    large: Effort

    @property
    def cpu_us(self) -> float:
        """CPU microseconds that one more item costs."""
        return 1e6 * (self.large.cpu_s - self.small.cpu_s) / (self.large.items - self.small.items)

    @property
    def items_per_s(self) -> float:
        """Items a second of wall time of the large run beyond the small one."""
        return (self.large.items - self.small.items) / (self.large.wall_s - self.small.wall_s)

    @property
    def grown_mib(self) -> float:
        """Mebibytes that the large run held beyond the small one."""
        return (self.large.peak_kib - self.small.peak_kib) / 1024


def costs(contestant: Callable[[Job], int], job: Job, *, first: int) -> Costs:
    """Return what the contestant takes; raise `RuntimeError` when it got an answer wrong."""
    _effort(contestant, replace(job, items=_WARM_UP))
    small = _effort(contestant, replace(job, items=first))
    return Costs(small=small, large=_effort(contestant, job))


def _effort(contestant: Callable[[Job], int], job: Job) -> Effort:
    with tempfile.TemporaryDirectory(dir=job.folder) as folder:
        inside = replace(job, folder=Path(folder))
        began_s, cpu_began_s, in_line_s = time.perf_counter(), time.process_time(), waited_s()
        right = contestant(inside)
        cpu_s, wall_s = time.process_time() - cpu_began_s, time.perf_counter() - began_s
        waited = since(in_line_s)
    if right != job.items:
        raise RuntimeError(f"{right} of {job.items} replies were found right, and every one of them is")
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Effort(items=job.items, cpu_s=cpu_s, wall_s=wall_s, peak_kib=peak_kib, waited_s=waited)


def main() -> None:
    """Print the costs as one line of JSON, the last on standard output."""
    parser = ArgumentParser(prog="python -m bench.contest", description=__doc__)
    parser.add_argument("name", choices=CONTESTANTS)
    parser.add_argument("url")
    parser.add_argument("--items", type=int, required=True)
    parser.add_argument("--first", type=int, help="items of the first part, a tenth of them if not given")
    parser.add_argument("--concurrency", type=int, default=64)
    chosen = parser.parse_args()
    first = chosen.first or max(chosen.items // _FIRST_PART, 1)
    with tempfile.TemporaryDirectory() as folder:
        job = Job(url=chosen.url, items=chosen.items, concurrency=chosen.concurrency, folder=Path(folder))
        found = costs(CONTESTANTS[chosen.name], job, first=first)
    print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    main()
