"""What `weighbridge decide` prints: for people through the report, for machines as JSON."""

from collections.abc import Mapping

import msgspec

from harness.cli.show import print_json
from harness.cli.spelling import spelt
from harness.domain.decision import Decision, Holder, Ruling, Rung
from harness.experiments.decide import DecisionReport
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
    if decision.ruling is not Ruling.TRAIN:
        return ""
    stands_on = decision.stands_on or _best(decision, Holder.TUNED)
    given = {**options, "--arms": stands_on.arm, "--baseline-arm": _best(decision, Holder.BASE).arm}
    return f"weighbridge gate {spelt(given)}"


def _best(decision: Decision, holder: Holder) -> Rung:
    return max(
        (each for each in decision.rungs if each.rung.holder is holder), key=lambda each: each.score
    ).rung
