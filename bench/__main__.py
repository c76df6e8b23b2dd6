"""Runs one benchmark by name, or all of the engine's, and prints its figures as lines or as JSON."""

import argparse
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bench import (
    demo,
    item,
    lora_batch,
    null_gates,
    open_loop,
    precision,
    stages,
    startup,
    stream,
    trend,
    vllm_serve,
    volume,
    warehouse,
)
from bench.calibration import figures as calibration
from bench.document import Section, written
from bench.figure import Finding, NotMeasured, Unmeasured
from bench.machine import machine

BENCHMARKS: dict[str, Callable[[], Iterable[Finding]]] = {
    "startup": startup.figures,
    "precision": precision.figures,
    "demo": demo.figures,
    "lora-batch": lora_batch.figures,
    "item": item.figures,
    "stages": stages.figures,
    "stream": stream.figures,
    "open-loop": open_loop.figures,
    "vllm-serve": vllm_serve.figures,
    "volume": volume.figures,
    "million": volume.million,
    "warehouse": warehouse.figures,
    "trend": trend.figures,
    "null-gates": null_gates.figures,
    "calibration": calibration.figures,
}
ALL = (
    "item",
    "stages",
    "stream",
    "open-loop",
    "vllm-serve",
    "volume",
    "million",
    "warehouse",
    "trend",
    "startup",
)
_DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of the benchmark that the arguments name, those of the command line by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "name",
        choices=[*BENCHMARKS, "all"],
        metavar="NAME",
        help=f"{', '.join(BENCHMARKS)}; or all: {', '.join(ALL)}, written into docs/performance.md",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a figure")
    parser.add_argument("--gates", type=int, help="calibration only: simulated gates a design point, 10,000")
    chosen = parser.parse_args(arguments)
    if chosen.name == "calibration" and chosen.gates is not None:
        BENCHMARKS["calibration"] = partial(calibration.figures, gates=chosen.gates)
    if chosen.name != "all":
        list(_printed(chosen.name, as_json=chosen.json))
        return
    found = machine()
    sections = [Section(name=name, findings=tuple(_printed(name, as_json=chosen.json))) for name in ALL]
    text = _DOCUMENT.read_text(encoding="utf-8")
    _DOCUMENT.write_text(written(text, sections, found), encoding="utf-8")


def _printed(name: str, *, as_json: bool) -> Iterator[Finding]:
    for finding in _findings(name):
        if isinstance(finding, Unmeasured):
            print(finding, file=sys.stderr, flush=True)
        else:
            print(json.dumps(finding.as_json()) if as_json else finding, flush=True)
        yield finding


def _findings(name: str) -> Iterator[Finding]:
    """A benchmark that breaks off leaves what it found, so that a quarter of an hour is not lost."""
    try:
        yield from BENCHMARKS[name]()
    except NotMeasured as why:
        yield Unmeasured(name=name, reason=str(why))
    except Exception as error:  # noqa: BLE001 - an entry point, and the others are still to be measured
        traceback.print_exc()
        yield Unmeasured(name=name, reason=f"it broke off with {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
