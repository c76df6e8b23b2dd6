"""Knowledge or behaviour: whether the base with the perfect paragraph is as good as what was tuned."""

from dataclasses import dataclass
from enum import StrEnum

from harness.domain.decision import LadderTerms
from harness.gating.cells import Cells
from harness.gating.wording import points, share
from harness.stats.joint_means import Family, joint_means


class Missing(StrEnum):
    """What the base lacks."""

    KNOWLEDGE = "knowledge"
    BEHAVIOUR = "behaviour"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the base lacks, and one sentence that says how that was shown."""

    missing: Missing
    reason: str


def diagnosis(cells: Cells, terms: LadderTerms, *, alpha: float, seed: int) -> Diagnosis | None:
    """Return what the perfect paragraph shows, None where it was not asked.

    It is knowledge that is missing where the base with the paragraph is shown to lack less than
    the gain of every tuned rung, and behaviour where some tuned rung is shown to be ahead by
    more.  The intervals of these comparisons hold at 1 - `alpha` together.
    """
    if cells.oracle is None:
        return None
    tuned = [place for place, rung in enumerate(cells.rungs) if rung.holder.is_trained]
    table = [
        (one, *(row[place] for place in tuned)) for one, row in zip(cells.oracle, cells.scores, strict=True)
    ]
    means = joint_means(table, cells.clusters)
    family = means.family([_ahead(place, len(tuned)) for place in range(len(tuned))])
    critical = family.critical(alpha=alpha, seed=seed)
    bounds = [family.interval(place, critical) for place in range(len(tuned))]
    paragraph = f"with its perfect paragraph the base comes to {share(means.means[0])}"
    lower, upper = max(low for low, _ in bounds), max(high for _, high in bounds)
    size = f"{100 * terms.gain:g} points"
    if upper < terms.gain:
        return Diagnosis(
            missing=Missing.KNOWLEDGE,
            reason=f"{paragraph}, shown to lack less than {size} of every fine-tuned rung: what is missing "
            "is knowledge, so the answer is retrieval, not training",
        )
    if lower > terms.gain:
        return Diagnosis(
            missing=Missing.BEHAVIOUR,
            reason=f"{paragraph}, and fine-tuning is shown to be ahead of that by more than {size}: what "
            "is missing is behaviour, which retrieval does not give",
        )
    best = max(range(len(tuned)), key=family.deltas.__getitem__)
    return Diagnosis(missing=Missing.UNKNOWN, reason=f"{paragraph}; {_open(family, best, bounds[best])}")


def _open(family: Family, best: int, bounds: tuple[float, float]) -> str:
    return (
        f"the best fine-tuned rung is {points(family.deltas[best])} ahead of that ({points(bounds[0])} to "
        f"{points(bounds[1])}), so whether knowledge or behaviour is missing is undecided"
    )


def _ahead(place: int, count: int) -> list[float]:
    return [-1.0, *(float(other == place) for other in range(count))]
