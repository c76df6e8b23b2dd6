"""Joint means of the rungs -> what each lacks of the best at most, and whether training has earned its place.

Who is best is not known beforehand.  A false claim about any rung is one about its distance
to the best prompt or to the best trained rung, whichever these are; so the error of each
comparison with these two, one-sided, is all that has to hold at once.  With one kind of rung
this is Hsu's multiple comparisons with the best, Annals of Statistics 12 (1984) 1136-1144; the
lead of a trained rung over *every* prompt is an intersection-union test, Berger, Technometrics
24 (1982) 295-300.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

from harness.domain.decision import Footing, LadderTerms, Rung
from harness.stats.joint_means import Family, JointMeans
from harness.stats.with_best import critical_with_best

_POWER = 0.95
_STEP, _MOST = 1.1, 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far one rung is ahead of another, the one-sided bounds of that, and its place in the family."""

    ahead: int
    behind: int
    place: int
    delta: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Every gap between two rungs, weighed with the best not known beforehand.

    `critical` is the number of errors by which `lower` and `upper` of every gap are taken.
    """

    rungs: tuple[Rung, ...]
    means: tuple[float, ...]
    terms: LadderTerms
    items: int
    critical: float
    family: Family
    gaps: tuple[Gap, ...]

    @property
    def prompts(self) -> tuple[int, ...]:
        """The rungs that take no training."""
        return tuple(place for place, rung in enumerate(self.rungs) if not rung.holder.is_trained)

    @property
    def trained(self) -> tuple[int, ...]:
        """The rungs that take training."""
        return tuple(place for place, rung in enumerate(self.rungs) if rung.holder.is_trained)

    def gap(self, ahead: int, behind: int) -> Gap:
        """Return how far the rung at `ahead` is ahead of that at `behind`, below 0 where it is not."""
        return next(each for each in self.gaps if (each.ahead, each.behind) == (ahead, behind))

    def tolerated(self, ahead: int, behind: int) -> float:
        """Return what the rung `behind` may lack: the gain where only training would add it."""
        climbs = self.rungs[ahead].holder.is_trained and not self.rungs[behind].holder.is_trained
        return self.terms.gain if climbs else self.terms.margin

    def behind(self, place: int, others: Sequence[int]) -> float | None:
        """Return the most that a rung lacks of the best among `others`, None where there is no other."""
        bounds = [self.gap(other, place).upper for other in others if other != place]
        return max(bounds, default=None)

    def footing(self, place: int) -> Footing:
        """Return whether a rung is shown to lack no more than is tolerated, or to lack more, or neither."""
        gaps = [each for each in self.gaps if each.behind == place]
        if all(each.upper < self.tolerated(each.ahead, place) for each in gaps):
            return Footing.HOLDS
        if any(each.lower > self.tolerated(each.ahead, place) for each in gaps):
            return Footing.SHORT
        return Footing.OPEN

    def has_earned(self, place: int) -> bool:
        """Return whether a trained rung is shown to be better than every prompt by more than the gain."""
        return all(self.gap(place, prompt).lower > self.terms.gain for prompt in self.prompts)

    def is_spared(self, place: int) -> bool:
        """Return whether a prompt is shown to lack no more than the gain of every trained rung."""
        return all(self.gap(tuned, place).upper < self.terms.gain for tuned in self.trained)

    @property
    def earns(self) -> bool:
        """Whether some trained rung has earned its place."""
        return any(map(self.has_earned, self.trained))

    @property
    def spares(self) -> bool:
        """Whether some prompt spares training."""
        return any(map(self.is_spared, self.prompts))

    @property
    def pivot(self) -> Gap:
        """The best trained rung against the best prompt, as measured."""
        return self.gap(self.best(self.trained), self.best(self.prompts))

    @property
    def doubt(self) -> Gap:
        """What keeps the trained rung that is nearest to it from having earned its place."""
        against = [[self.gap(tuned, prompt) for prompt in self.prompts] for tuned in self.trained]
        return max((min(gaps, key=_lower) for gaps in against), key=_lower)

    def best(self, places: Sequence[int]) -> int:
        """Return the place of the highest mean, the cheaper of two."""
        return max(places, key=self.means.__getitem__)

    def excess(self, gap: Gap) -> float:
        """Return by how much a gap may exceed what is tolerated."""
        return gap.upper - self.tolerated(gap.ahead, gap.behind)

    def more_items(self, gap: Gap, bar: float) -> int | None:
        """Return about how many items more would tell on which side of `bar` a gap lies, at 95 % power.

        It is None where not even a hundred times as many would.
        """
        reach = self.critical + NormalDist().inv_cdf(_POWER)
        steps = (_STEP**power for power in range(1, math.ceil(math.log(_MOST, _STEP))))
        enough = (
            times
            for times in steps
            if self.family.half_width(gap.place, reach, times=times) < abs(gap.delta - bar)
        )
        times = next(enough, None)
        return None if times is None else math.ceil(self.items * (times - 1))


def ladder(
    means: JointMeans, rungs: Sequence[Rung], terms: LadderTerms, *, alpha: float, seed: int
) -> Ladder:
    """Return the ladder of `rungs`, whose claims all hold at 1 - `alpha` together."""
    places = range(len(rungs))
    ordered = [(ahead, behind) for ahead, behind in product(places, places) if ahead != behind]
    family = means.family([_weights(ahead, behind, len(rungs)) for ahead, behind in ordered])
    kinds = [[p for p, rung in enumerate(rungs) if rung.holder.is_trained is kind] for kind in (False, True)]
    critical = critical_with_best(means, kinds, alpha=alpha, seed=seed)
    return Ladder(
        rungs=tuple(rungs),
        means=means.means,
        terms=terms,
        items=means.items,
        critical=critical,
        family=family,
        gaps=tuple(_gap(family, place, pair, critical) for place, pair in enumerate(ordered)),
    )


def _lower(gap: Gap) -> float:
    return gap.lower


def _gap(family: Family, place: int, pair: tuple[int, int], critical: float) -> Gap:
    lower, upper = family.interval(place, critical)
    return Gap(
        ahead=pair[0],
        behind=pair[1],
        place=place,
        delta=family.deltas[place],
        lower=lower,
        upper=upper,
    )


def _weights(ahead: int, behind: int, count: int) -> list[float]:
    weights = [0.0] * count
    weights[ahead], weights[behind] = 1.0, -1.0
    return weights
