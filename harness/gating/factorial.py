"""Joint means of checkpoints x arms -> what training adds, what examples add, both, and their interaction."""

from collections.abc import Iterator, Sequence

from harness.domain.decision import Contrast, Holder, Rung
from harness.stats.joint_means import JointMeans


def factorial(means: JointMeans, rungs: Sequence[Rung], *, alpha: float, seed: int) -> tuple[Contrast, ...]:
    """Return the contrasts of the factorial, whose two-sided intervals hold at 1 - `alpha` together.

    All are against the cheapest arm: training alone, every other arm alone, both, and how
    much more an arm adds after training than before.
    """
    named = list(_contrasts(rungs))
    family = means.family([weights for _, weights in named])
    critical = family.critical(alpha=alpha, seed=seed)
    return tuple(
        Contrast(name=name, delta=family.deltas[place], interval=family.interval(place, critical))
        for place, (name, _) in enumerate(named)
    )


def _contrasts(rungs: Sequence[Rung]) -> Iterator[tuple[str, list[float]]]:
    arms = tuple(dict.fromkeys(rung.arm for rung in rungs))
    plain, *others = arms
    base, tuned = Holder.BASE, Holder.TUNED
    yield (
        f"training, under {plain}",
        _weights(rungs, {(tuned, plain): 1.0, (base, plain): -1.0}),
    )
    for arm in others:
        alone = {(base, arm): 1.0, (base, plain): -1.0}
        after = {(tuned, arm): 1.0, (tuned, plain): -1.0}
        yield f"{arm} in place of {plain}, untrained", _weights(rungs, alone)
        yield f"training, under {arm}", _weights(rungs, {(tuned, arm): 1.0, (base, arm): -1.0})
        yield f"training and {arm} together", _weights(rungs, {(tuned, arm): 1.0, (base, plain): -1.0})
        both = after | {cell: -weight for cell, weight in alone.items()}
        yield f"interaction of training and {arm}", _weights(rungs, both)


def _weights(rungs: Sequence[Rung], by_cell: dict[tuple[Holder, str], float]) -> list[float]:
    return [by_cell.get((rung.holder, rung.arm), 0.0) for rung in rungs]
