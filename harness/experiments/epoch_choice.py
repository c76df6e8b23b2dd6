"""Which epoch ships: chosen by what the served checkpoints did, never by training loss; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from harness.errors import InvalidComparison

LEAST_FALL = 0.05
"""How far the probe may fall below the base's before an epoch counts as having forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochScore:
    """What the harness measured of one epoch, 0 being the base: means over items in [0, 1].

    `target` and `valid` (the share of replies that keep to the schema) are means over the
    arms, `by_arm` the target of each; `target_se` is the standard error of `target`.
    """

    epoch: int
    target: float
    target_se: float
    by_arm: Mapping[str, float]
    valid: float
    probe: float
    items: int
    training_loss: float | None = None
    validation_loss: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochChoice:
    """The epoch that ships, None where none may, why, and what else was seen on the way."""

    epoch: int | None
    reason: str
    warnings: tuple[str, ...] = ()


def choose_epoch(scores: Sequence[EpochScore], *, margin: float = LEAST_FALL) -> EpochChoice:
    """Return the earliest epoch within one standard error of the best, of those that forgot nothing.

    The rule of one standard error is Breiman's (1984): what no measurement tells apart is
    decided for the shorter training.  Raises `InvalidComparison` without a base or an epoch.
    """
    ordered = sorted(scores, key=lambda score: score.epoch)
    if len(ordered) < 2 or ordered[0].epoch != 0:  # noqa: PLR2004 - the base and an epoch
        raise InvalidComparison("epochs are compared with their base: score the base and at least one epoch")
    base, *epochs = ordered
    warnings = tuple(_warnings(base, epochs, margin))
    kept = [score for score in epochs if score.probe >= base.probe - margin]
    better = [score for score in kept if score.target > base.target]
    if not better:
        why = _nothing_gained(kept, base) if kept else _all_forgotten(epochs, base, margin)
        return EpochChoice(epoch=None, reason=f"no epoch may ship: {why}", warnings=warnings)
    best = max(better, key=lambda score: score.target)
    chosen = next(score for score in better if score.target >= best.target - best.target_se)
    return EpochChoice(epoch=chosen.epoch, reason=_reason(chosen, best, base), warnings=warnings)


def _all_forgotten(epochs: Sequence[EpochScore], base: EpochScore, margin: float) -> str:
    least = max(epochs, key=lambda score: score.probe)
    return (
        f"all fall more than {margin:.0%} below the base's {base.probe:.2f} on the probe, epoch "
        f"{least.epoch} least ({least.probe:.2f}); lower learning_rate or mix in general data"
    )


def _nothing_gained(kept: Sequence[EpochScore], base: EpochScore) -> str:
    best = max(kept, key=lambda score: score.target)
    return (
        f"the best that forgot nothing, epoch {best.epoch}, scores {best.target:.2f} and the base "
        f"{base.target:.2f}; look at the data before training longer"
    )


def _reason(chosen: EpochScore, best: EpochScore, base: EpochScore) -> str:
    probe = f"the probe at {chosen.probe:.2f} against the base's {base.probe:.2f}"
    if chosen is best:
        return (
            f"epoch {chosen.epoch} scores highest, {chosen.target:.2f} against the base's "
            f"{base.target:.2f}, {probe}"
        )
    return (
        f"epoch {chosen.epoch} scores {chosen.target:.2f}, which {chosen.items} items do not tell from the "
        f"best, epoch {best.epoch} with {best.target:.2f}, and is the shorter training; {probe}"
    )


def _warnings(base: EpochScore, epochs: Sequence[EpochScore], margin: float) -> list[str]:
    found = []
    overfit = _overfit(epochs)
    if overfit is not None:
        found.append(overfit)
    found += [
        f"epoch {score.epoch} has forgotten: the probe fell from {base.probe:.2f} to {score.probe:.2f}"
        for score in epochs
        if score.probe < base.probe - margin
    ]
    peak = max(epochs, key=lambda score: score.target)
    found += [
        f"epoch {score.epoch} serves worse than epoch {peak.epoch}: "
        f"{score.target:.2f} against {peak.target:.2f}"
        for score in epochs
        if score.epoch > peak.epoch and _is_worse(score, peak)
    ]
    return found


def _overfit(epochs: Sequence[EpochScore]) -> str | None:
    """Validation loss rising while training loss falls, the failure that training loss hides."""
    for before, after in pairwise(epochs):
        losses = (before.training_loss, after.training_loss, before.validation_loss, after.validation_loss)
        if None in losses:
            continue
        was, now, looked, looks = (loss for loss in losses if loss is not None)
        if now < was and looks > looked:
            return (
                f"from epoch {after.epoch} on it overfits: training loss falls from {was:.3f} to {now:.3f} "
                f"and validation loss rises from {looked:.3f} to {looks:.3f}"
            )
    return None


def _is_worse(score: EpochScore, peak: EpochScore) -> bool:
    """Whether a target lies further below the peak than both measurements waver."""
    return score.target < peak.target - sqrt(peak.target_se**2 + score.target_se**2)
