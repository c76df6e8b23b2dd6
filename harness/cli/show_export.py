"""What `weighbridge export` prints."""

from dataclasses import asdict

from harness.cli.show import print_json
from harness.experiments.export import Export
from reports.plain_text import harmless

_MIB = 1 << 20


def show_export(export: Export, *, json: bool) -> None:
    """Print where the export is, what it was merged into, and what to know before it is served."""
    if json:
        print_json({**asdict(export), "out": str(export.out)})
        return
    merged = "apart from its base" if export.into is None else f"merged into the {export.into} base"
    print(harmless(f"{export.out}: {export.written_as}, {merged}, {export.size_bytes / _MIB:.1f} MiB."))
    for warning in export.warnings:
        print(harmless(f"NOTE: {warning}."))
