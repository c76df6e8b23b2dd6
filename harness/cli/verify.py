"""`weighbridge verify`: decide again from the journals and compare."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.exit_codes import EXIT_CODES, RULING_CODES, sentences
from harness.domain.decision import Decision, Ruling
from harness.domain.verdict import GateVerdict, Status
from harness.errors import StoreError


def verify(
    gate: Annotated[Path, typer.Argument(help="A gate's or a decision's folder, as it was printed.")],
) -> None:
    """Recompute a verdict or decision from its journals, offline, and compare it with the one on record.

    For example:

      weighbridge verify results/gates/0123456789ab-1
    """
    with sentences():
        from harness.experiments.replay import replay_gate

        replay = replay_gate(gate)
        if not replay.agrees:
            raise StoreError(
                f"{gate}: on record is {_answer(replay.recorded)} ({replay.recorded.reason}), but the "
                f"journals give {_answer(replay.replayed)} ({replay.replayed.reason}); do not trust this "
                f"record, run the gate again{_or_settle(gate)}"
            )
        answer = _answer(replay.replayed)
        print(f"verified: {answer}. {replay.replayed.reason}")
        for note in replay.replayed.notes:
            print(f"note: {note}")
    raise SystemExit(RULING_CODES[answer] if isinstance(answer, Ruling) else EXIT_CODES[answer])


def _or_settle(gate: Path) -> str:
    """What else may help where people or a judge have read the gate."""
    if not (any(gate.glob("reads-*.jsonl")) or (gate / "judgements.jsonl").exists()):
        return ""
    return f"; if a review was killed at its end, weighbridge review {gate} --agreement decides anew"


def _answer(found: GateVerdict | Decision) -> Status | Ruling:
    return found.status if isinstance(found, GateVerdict) else found.ruling
