"""What `weighbridge drift` prints: for people through the report, for machines as JSON."""

from pathlib import Path

import msgspec

from harness.cli.show import print_json
from harness.domain.drift import DriftReport
from reports.drift import drift_lines
from reports.plain_text import harmless


def show_drift(report: DriftReport, kept: Path, *, json: bool) -> None:
    """Print a look at live inputs and where it is kept."""
    if json:
        print_json({"kept": str(kept), **msgspec.json.decode(msgspec.json.encode(report))})
        return
    for line in drift_lines(report):
        print(line)
    print(f"\nKept: {harmless(str(kept))}")
