"""Results of two runs side by side, the items on which the sides differ most first."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness import ItemResult, RunKind, RunSpec, Side
from reports.gate.record import GateRecord

METRICS = ("target", "schema", "choice")
"""What replies are scored on, the one that leads first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPair:
    """What one item ended in on both sides."""

    item_id: str
    reference: ItemResult
    candidate: ItemResult

    @property
    def changes(self) -> dict[str, float]:
        """Candidate minus reference by metric, for the metrics that both sides have."""
        ours, theirs = self.candidate.scores, self.reference.scores
        return {
            name: ours[name].value - theirs[name].value for name in METRICS if name in ours and name in theirs
        }

    @property
    def is_discordant(self) -> bool:
        """Whether the sides differ on any metric."""
        return any(self.changes.values())

    @property
    def change(self) -> float:
        """The change of the metric that leads, or of the next where that one did not change; 0 for none."""
        return next((change for change in self.changes.values() if change), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRuns:
    """A reference run and the candidate's, with the items that both have recorded, worst change first."""

    reference: RunSpec
    candidate: RunSpec
    items: tuple[ItemPair, ...]

    @property
    def name(self) -> str:
        """Task or probe, arms, and whom the candidate is compared with."""
        run = self.candidate
        arm = "" if run.kind is RunKind.PROBE else f" x {run.candidate.arm}"
        theirs = self.reference.candidate.arm
        unlike = f" against {theirs}" if arm and theirs != run.candidate.arm else ""
        anchor = " against the anchor" if self.reference.side is Side.ANCHOR else ""
        return f"{run.subject}{arm}{unlike}{anchor}"


def paired_runs(record: GateRecord) -> tuple[PairedRuns, ...]:
    """Return every scored pair of runs of the gate, in the manifest's order; waiting times are no scores."""
    return tuple(
        PairedRuns(
            reference=reference,
            candidate=candidate,
            items=tuple(sorted(_items(record, reference, candidate), key=lambda pair: pair.change)),
        )
        for candidate in record.manifest.runs
        if candidate.side is Side.CANDIDATE and candidate.kind is not RunKind.LATENCY
        for reference in record.runs_of(candidate)
        if reference.side is not Side.CANDIDATE
    )


def worst(pairs: tuple[PairedRuns, ...], count: int) -> tuple[tuple[PairedRuns, ItemPair], ...]:
    """Return the first `count` items that differ, over all pairs: lost most first, gained most last."""
    found = [(runs, item) for runs in pairs for item in runs.items if item.is_discordant]
    return tuple(sorted(found, key=lambda each: each[1].change)[:count])


def _items(record: GateRecord, reference: RunSpec, candidate: RunSpec) -> Iterator[ItemPair]:
    theirs = {result.item_id: result for result in record.results.get(reference.id, ())}
    for result in record.results.get(candidate.id, ()):
        if result.item_id in theirs:
            yield ItemPair(item_id=result.item_id, reference=theirs[result.item_id], candidate=result)
