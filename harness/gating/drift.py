"""What was found of inputs, scores and gold pool -> whether to train anew, who, and by when; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harness.domain.drift import (
    FarShare,
    GoldState,
    InputDrift,
    Recommendation,
    Remedy,
    Schedule,
    ScoreStep,
    Shift,
)
from harness.gating.wording import plural, points, share

_SMALL = 0.65
"""Recognised less often than this, live inputs differ from those trained on, but little."""
_FAR_TOLERATED = 0.15
"""Three times the share that is far where nothing has moved."""
_POWER = 0.95
_TRAINED_PER_LIVE = 3
"""A planted shift is looked for among a third of what was trained on, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a recommendation is made from; `before` is the gold pool at the look before, if any."""

    inputs: InputDrift
    gold: GoldState | None = None
    before: GoldState | None = None
    steps: Sequence[ScoreStep] = ()


def shift_of(inputs: InputDrift) -> Shift:
    """Return whether inputs are shown to have moved, or shown not to have by much, or neither.

    Shown to be steady takes that a planted shift would have been found, or that the difference which
    was found is small; and that few inputs are far from all that was trained on.
    """
    differs = inputs.p_value <= inputs.alpha
    is_small = inputs.recognised_interval[1] < _SMALL
    if differs and not is_small:
        return Shift.SHIFTED
    few_far = inputs.far.interval[1] < _FAR_TOLERATED
    would_be_found = inputs.power is not None and inputs.power >= _POWER
    return Shift.STEADY if few_far and (differs or would_be_found) else Shift.OPEN


def recommended(evidence: Evidence, schedule: Schedule, today: date) -> Recommendation:
    """Return what to do, by whom and until when.

    Training anew is called for by inputs that moved, a score whose last step since training was
    down, or a training that is older than the schedule has it.
    """
    shift = shift_of(evidence.inputs)
    routine = (schedule.trained_on or today) + timedelta(days=schedule.every_days)
    soon = min(routine, today + timedelta(days=schedule.grace_days))
    causes = [
        *_moved(shift, evidence.inputs),
        *_fell(evidence.steps, schedule),
        *_aged(routine, schedule, today),
    ]
    if causes:
        remedy, due = Remedy.RETRAIN, soon
    elif shift is Shift.OPEN:
        remedy, due = Remedy.LOOK_AGAIN, soon
        causes = [_undecided(evidence.inputs)]
    else:
        remedy, due = Remedy.KEEP, routine
        causes = [_steady(evidence.inputs)]
    return Recommendation(
        remedy=remedy, owner=schedule.owner, due=due, reasons=(*causes, *_of_gold(evidence))
    )


def _moved(shift: Shift, inputs: InputDrift) -> Iterator[str]:
    if shift is Shift.SHIFTED:
        yield (
            f"live inputs have moved away from those trained on (p {inputs.p_value:.2g}): of one of "
            f"each, the live one is told {_of_hundred(inputs.recognised)} times in 100, where guessing gives "
            f"50, and {_far(inputs.far)} any training example"
        )


def _fell(steps: Sequence[ScoreStep], schedule: Schedule) -> Iterator[str]:
    for step in steps:
        is_since_training = schedule.trained_on is None or step.on >= schedule.trained_on
        if step.after < step.before and is_since_training:
            yield (
                f"{step.series} fell on {step.on} from {share(step.before)} to {share(step.after)} "
                f"({points(step.after - step.before)}) and stayed there; rule out the measurement first"
            )


def _aged(routine: date, schedule: Schedule, today: date) -> Iterator[str]:
    if routine < today:
        yield (
            f"the last training, of {schedule.trained_on}, is older than {plural(schedule.every_days, 'day')}"
        )


def _steady(inputs: InputDrift) -> str:
    found = (
        f"differ little from those trained on (told {_of_hundred(inputs.recognised)} times in 100, where "
        "guessing gives 50)"
        if inputs.power is None
        else "are like those trained on: had three in ten of them moved to one corner, the test would have "
        f"found it {_of_hundred(inputs.power)} times in 100"
    )
    return f"{plural(inputs.live, 'live input')} {found}"


def _undecided(inputs: InputDrift) -> str:
    if inputs.far.interval[1] >= _FAR_TOLERATED:
        cause = f"{_far(inputs.far)} any training example, which is not shown to be few"
    else:
        cause = (
            "a shift of three in ten inputs would have been found only "
            f"{_of_hundred(inputs.power or 0.0)} times in 100"
        )
    wanted = plural(2 * inputs.live, "live input")
    if inputs.trained < _TRAINED_PER_LIVE * 2 * inputs.live:
        wanted += f" and {plural(_TRAINED_PER_LIVE * 2 * inputs.live, 'training example')}"
    return f"no shift is shown and none is ruled out: {cause}; give about {wanted}"


def _of_gold(evidence: Evidence) -> Iterator[str]:
    gold, before = evidence.gold, evidence.before
    if gold is None:
        return
    if gold.far is not None and gold.far.interval[0] > _FAR_TOLERATED:
        yield f"the gold pool has holes: {_far(gold.far)} any gold example; add examples like the strangest"
    if before is not None and before.digest != gold.digest:
        yield f"the gold pool has changed since the last look, from {before.size} to {gold.size} examples"


def _far(far: FarShare) -> str:
    return f"{far.count} of {far.inputs} (5 % expected) are farther than usual from"


def _of_hundred(value: float) -> int:
    """A share as a whole number of a hundred, never rounded to a certainty."""
    return min(99, max(1, round(100 * value))) if 0.0 < value < 1.0 else round(100 * value)
