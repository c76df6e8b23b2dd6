"""Recorded results -> the decision on the ladder; the same on the day and on replay."""

from harness.domain.decision import Decision, Footing, LadderTerms, Ruling, RungResult
from harness.domain.manifest import GateManifest
from harness.errors import InvalidComparison
from harness.gating.cells import Cells, ResultsOf, cells_of
from harness.gating.factorial import factorial
from harness.gating.ladder import Ladder, ladder
from harness.gating.oracle import Missing, diagnosis
from harness.gating.provenance import provenance_notes
from harness.gating.standing import reason_for, would_change
from harness.stats.joint_means import joint_means

_RETRIEVAL = "retrieval that cannot be made to find what the perfect paragraph says, whatever is indexed"


def decide_ladder(manifest: GateManifest, results_of: ResultsOf) -> Decision:
    """Return the decision on everything the manifest says was to be measured.

    It is INVALID where a cell is missing, has other items than the rest, or lacks replies.
    """
    terms = manifest.ladder or LadderTerms()
    alpha, seed = manifest.policy.alpha, manifest.policy.seed
    notes = tuple(provenance_notes(manifest.provenance))
    try:
        cells = cells_of(manifest, results_of)
        means = joint_means(cells.scores, cells.clusters)
    except InvalidComparison as error:
        return Decision(
            ruling=Ruling.INVALID, reason=str(error), terms=terms, confidence=1 - alpha, notes=notes
        )
    steps = ladder(means, cells.rungs, terms, alpha=alpha, seed=seed)
    cause = diagnosis(cells, terms, alpha=alpha, seed=seed)
    ruling, place = ruled(steps)
    reason, change = reason_for(ruling, place, steps), tuple(would_change(ruling, place, steps))
    if cause is not None and cause.missing is Missing.KNOWLEDGE and ruling is not Ruling.DO_NOT_TRAIN:
        ruling, place, reason = Ruling.DO_NOT_TRAIN, None, f"mend retrieval first: {cause.reason}"
        change = (_RETRIEVAL,)
    return Decision(
        ruling=ruling,
        reason=reason,
        terms=terms,
        confidence=1 - alpha,
        stands_on=None if place is None else steps.rungs[place],
        items=means.items,
        rungs=tuple(_rung(steps, cells, place) for place in range(len(steps.rungs))),
        contrasts=factorial(means, cells.rungs, alpha=alpha, seed=seed),
        would_change=change,
        diagnosis="" if cause is None else cause.reason,
        notes=notes,
    )


def ruled(steps: Ladder) -> tuple[Ruling, int | None]:
    """Return the ruling and the lowest rung that holds, None where none does.

    A trained rung must besides be shown to beat every prompt by more than the gain.  Whether to
    train can be settled while the rung is not: several of one kind may lie too close together.
    """
    for place in range(len(steps.rungs)):
        if steps.footing(place) is not Footing.HOLDS:
            continue
        if place in steps.prompts:
            return Ruling.DO_NOT_TRAIN, place
        if steps.has_earned(place):
            return Ruling.TRAIN, place
    if steps.earns:
        return Ruling.TRAIN, None
    return Ruling.DO_NOT_TRAIN if steps.spares else Ruling.INCONCLUSIVE, None


def _rung(steps: Ladder, cells: Cells, place: int) -> RungResult:
    return RungResult(
        rung=steps.rungs[place],
        score=steps.means[place],
        valid=cells.valid[place],
        footing=steps.footing(place),
        behind_prompts=steps.behind(place, steps.prompts),
        behind_tuned=steps.behind(place, steps.trained),
    )
