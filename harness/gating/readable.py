"""Which replies of a gate can be read, and the strata they are read in."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from harness.domain.manifest import GateManifest
from harness.domain.reading import Place
from harness.domain.run import ItemResult, RunKind, Side
from harness.gating.questions import run_pairs
from harness.stats.stratified import Stratum

Answers: TypeAlias = Mapping[Place, tuple[ItemResult, ItemResult | None]]
"""The candidate's result and the baseline's, by where they stand."""


def answers(manifest: GateManifest, results_of: Callable[[str], Sequence[ItemResult]]) -> Answers:
    """Return what the candidate, and the baseline if there is one, answered to each item of a task.

    With a baseline those that both sides have answered, otherwise all that the candidate has.
    """
    runs = [run for run in manifest.runs if run.kind is RunKind.TASK]
    pairs = [pair for pair in run_pairs(runs) if pair[0].side is Side.BASELINE]
    found: dict[Place, tuple[ItemResult, ItemResult | None]] = {}
    for reference, candidate in pairs:
        theirs = {result.item_id: result for result in results_of(reference.id)}
        for result in results_of(candidate.id):
            if result.item_id in theirs:
                found[candidate.pair, result.item_id] = (result, theirs[result.item_id])
    for run in () if pairs else runs:
        if run.side is Side.CANDIDATE:
            found |= {(run.pair, result.item_id): (result, None) for result in results_of(run.id)}
    return found


def differ(candidate: ItemResult, baseline: ItemResult | None) -> bool:
    """Return whether the two were scored unlike on any metric."""
    if baseline is None:
        return False
    return any(
        score.value != baseline.scores[name].value
        for name, score in candidate.scores.items()
        if name in baseline.scores
    )


def strata(
    there: Answers, human: Mapping[Place, float], judged: Mapping[Place, float] | None = None
) -> list[Stratum]:
    """Return the items that differ, and those that do not, with what people and a judge said of each.

    A judge who said nothing of an item, or is not there, says 0 of it.
    """
    kinds: dict[bool, list[Place]] = {True: [], False: []}
    for place, (candidate, baseline) in there.items():
        kinds[differ(candidate, baseline)].append(place)
    said = judged or {}
    return [
        Stratum(
            human=[human[place] for place in kind if place in human],
            judge_on_labelled=[said.get(place, 0.0) for place in kind if place in human],
            judge_on_rest=[said.get(place, 0.0) for place in kind if place not in human],
        )
        for kind in kinds.values()
    ]
