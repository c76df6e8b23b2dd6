"""What is left of an experiment: a JSON document with everything, and a page for a person."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.domain.experiment import ExperimentReport
from harness.store.atomic import write_atomically

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where the document and the page lie."""

    document: Path
    page: Path


def record(report: ExperimentReport, page: str, folder: Path) -> Recorded:
    """Return where a report and its page were left, each whole; raises `StoreError`."""
    folder.mkdir(parents=True, exist_ok=True)
    recorded = Recorded(document=folder / "experiment.json", page=folder / "report.md")
    text = json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n"
    write_atomically(recorded.document, text.encode("utf-8", "backslashreplace"))
    write_atomically(recorded.page, page.encode("utf-8", "backslashreplace"))
    return recorded


def as_json(report: ExperimentReport) -> dict[str, Any]:
    """Return a report as plain values, per-item scores included."""
    readings = [str(each.reading) for each in report.differences]
    plain = asdict(report)
    for difference, reading in zip(plain["differences"], readings, strict=True):
        difference["reading"] = reading
    return {"format_version": FORMAT_VERSION, "coverage": str(report.coverage), **plain}
