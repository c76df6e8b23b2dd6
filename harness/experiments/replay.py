"""Decides again, offline, from what a gate recorded."""

from dataclasses import dataclass
from pathlib import Path

from harness.domain.decision import Decision
from harness.domain.verdict import GateVerdict
from harness.errors import InvalidComparison, StoreError
from harness.gating.decision import decide_ladder
from harness.gating.finals import finalists, with_finals
from harness.gating.gate import decide
from harness.store.gate_folder import GateFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The verdict or decision on record, and the one that its journals give now."""

    recorded: GateVerdict | Decision
    replayed: GateVerdict | Decision

    @property
    def agrees(self) -> bool:
        """Whether both are equal to the last digit."""
        return self.recorded == self.replayed


def replay_gate(path: Path) -> Replay:
    """Return both answers of the gate or decision in the folder `path`; needs no server and no network."""
    folder = GateFolder.open(path)
    if folder.manifest.ladder is not None:
        return Replay(recorded=folder.decision(), replayed=decided_again(folder))
    recorded = folder.verdict()
    if not recorded.verdicts:
        raise StoreError(f"{path} holds an evaluation without a baseline; there is no verdict to verify")
    return Replay(recorded=recorded, replayed=decided(folder))


def decided(folder: GateFolder) -> GateVerdict:
    """Return the verdict that everything in a gate's folder gives: journals, conditions and reads."""
    return decide(folder.manifest, folder.results, folder.conditions, folder.reads(), folder.judgements())


def decided_again(folder: GateFolder) -> Decision:
    """Return the decision that a finished folder's journals give, those of its finalists' gate included.

    Raises `StoreError` where that gate was asked for and is gone, or is of other finalists.
    """
    decision = decide_ladder(folder.manifest, folder.results)
    asked = folder.manifest.ladder is not None and folder.manifest.ladder.finalists
    if not asked or finalists(decision) is None:
        return decision
    recorded = folder.decision().finals
    if recorded is None:
        raise StoreError(
            f"{folder.path} asked for its finalists and holds nothing of them: run the same decision again"
        )
    gate = GateFolder.open(folder.path.parent / Path(recorded.gate_id).name)
    verdict = decided(gate)
    try:
        return with_finals(decision, folder.manifest, gate.manifest, verdict)
    except InvalidComparison as error:
        raise StoreError(f"{gate.path}: {error}") from error
