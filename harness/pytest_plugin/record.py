"""What a verdict leaves behind under pytest: lines of the summary, properties of the JUnit report."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.domain.verdict import GateVerdict, Verdict
    from harness.experiments.gate import GateReport


def summary(gate: "GateVerdict", folder: Path) -> Iterator[str]:
    """Yield the lines under the gate's status: why, what must be known besides, and every verdict."""
    from harness.gating.settle import where
    from reports.plain_text import harmless

    yield harmless(gate.reason)
    for note in gate.notes:
        yield harmless(f"note: {' '.join(note.splitlines())}")
    for each in gate.verdicts:
        waived = f" (waived until {each.waiver.until})" if each.waiver is not None else ""
        yield harmless(f"{each.status:12} {where(each)}{waived}: {each.reason}")
    yield f"replay with: weighbridge verify {folder}"


def properties(verdict: "Verdict", report: "GateReport") -> list[tuple[str, object]]:
    """Return the JUnit properties of a test that was given `verdict`.

    There is one `weighbridge_note` a note, one `weighbridge_mismatch` for every way in which a
    side was asked unlike it was trained, and one `weighbridge_contamination_SIDE` a side.
    """
    found: list[tuple[str, object]] = [
        ("weighbridge_status", str(verdict.status)),
        ("weighbridge_reason", verdict.reason),
        ("weighbridge_gate", str(report.folder.path)),
        ("weighbridge_against", str(verdict.against)),
    ]
    evidence = verdict.evidence
    if evidence is not None:
        found += [
            ("weighbridge_n", evidence.n),
            ("weighbridge_planned", round(evidence.details.get("planned_items", evidence.n))),
            ("weighbridge_delta", evidence.delta),
            ("weighbridge_interval", list(evidence.interval)),
        ]
    if verdict.waiver is not None:
        found += [
            ("weighbridge_waived_until", verdict.waiver.until.isoformat()),
            ("weighbridge_waiver_reason", verdict.waiver.reason),
        ]
    found += [("weighbridge_mismatch", str(kind)) for kind in verdict.mismatches]
    found += [
        (f"weighbridge_contamination_{side}", str(origin.contamination))
        for origin in report.folder.manifest.provenance.origins
        for side in origin.sides
    ]
    return [*found, *(("weighbridge_note", note) for note in report.verdict.notes)]
