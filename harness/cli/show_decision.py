"""What `weighbridge decide` prints: for people through the report, for machines as JSON."""

from collections.abc import Mapping

import msgspec

from harness.cli.show import print_json
from harness.cli.spelling import spelt
from harness.domain.decision import Decision
from harness.experiments.decide import DecisionReport
from harness.gating.finals import finalists
from reports.decision import write_decision


def show_decision(report: DecisionReport, options: Mapping[str, object], *, json: bool) -> None:
    """Print a decision; `options` are those of the gate that would follow."""
    decision = report.decision
    if json:
        plain = msgspec.json.decode(msgspec.json.encode(decision))
        print_json({"gate": str(report.folder.path), **plain})
        return
    write_decision(
        decision,
        report.folder.path,
        resumed_items=report.resumed_items,
        elapsed_s=report.elapsed_s,
        following=_gate(decision, options),
    )


def _gate(decision: Decision, options: Mapping[str, object]) -> str:
    """The gate over all four suites that training has to pass, against the best prompt; else nothing."""
    pair = finalists(decision)
    if pair is None or decision.finals is not None:
        return ""
    tuned, base = pair
    return f"weighbridge gate {spelt({**options, '--arms': tuned.arm, '--baseline-arm': base.arm})}"
