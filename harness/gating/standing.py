"""A ladder and its ruling -> one sentence that says why, and what would change it."""

from collections.abc import Iterator

from harness.domain.decision import Footing, Ruling
from harness.gating.ladder import Gap, Ladder
from harness.gating.wording import plural, points, share


def reason_for(ruling: Ruling, place: int | None, steps: Ladder) -> str:
    """Return why the ladder came to `ruling`, standing on the rung at `place` if on any."""
    if place is None:
        return _why_open(steps)
    return _why_trained(steps, place) if ruling is Ruling.TRAIN else _why_prompted(steps, place)


def would_change(ruling: Ruling, place: int | None, steps: Ladder) -> Iterator[str]:
    """Yield what would overturn the ruling, then which cheaper rungs are undecided, and what settles them."""
    gap, gain = steps.pivot, _size(steps.terms.gain)
    best, prompt = steps.rungs[gap.ahead], steps.rungs[gap.behind]
    if ruling is Ruling.TRAIN:
        yield (
            f"a rung without fine-tuning would have to come within {gain} of {best}: better examples, or a "
            "stronger model"
        )
    elif ruling is Ruling.DO_NOT_TRAIN:
        yield f"{best} would have to add more than {gain} to {prompt}, and adds {points(gap.delta)}"
    elif not (steps.earns or steps.spares):
        yield _doubted(steps)
        return
    kind = steps.trained if steps.earns else steps.prompts
    for lower in kind:
        if (place is None or lower < place) and steps.footing(lower) is Footing.OPEN:
            yield _undecided(steps, lower)


def _why_prompted(steps: Ladder, place: int) -> str:
    terms, tuned = steps.terms, steps.best(steps.trained)
    gap = steps.gap(tuned, place)
    return (
        f"stand on {_standing(steps, place)} shown to lack no more than {_size(terms.margin)} of any other "
        f"prompt and no more than {_size(terms.gain)} of any fine-tuned rung (the best, "
        f"{steps.rungs[tuned]}, changes the score by {points(gap.delta)}, at most {points(gap.upper)})"
    )


def _why_trained(steps: Ladder, place: int) -> str:
    terms, prompt = steps.terms, steps.best(steps.prompts)
    gap = steps.gap(place, prompt)
    return (
        f"stand on {_standing(steps, place)} shown to beat each of {plural(len(steps.prompts), 'rung')} "
        f"without fine-tuning by more than {_size(terms.gain)} (the best of them, {steps.rungs[prompt]}, by "
        f"{points(gap.delta)}, at least {points(gap.lower)}), and no rung is better by more than "
        f"{_size(terms.margin)}"
    )


def _standing(steps: Ladder, place: int) -> str:
    return f"{steps.rungs[place]}: at {share(steps.means[place])} on {plural(steps.items, 'item')} it is"


def _why_open(steps: Ladder) -> str:
    gain = _size(steps.terms.gain)
    if steps.spares:
        return (
            f"no fine-tuned rung is worth it, a prompt is shown to lack no more than {gain} of each; but "
            "which prompt to stand on is undecided"
        )
    if steps.earns:
        return (
            f"fine-tuning is shown to beat every rung without it by more than {gain}; but which fine-tuned "
            "rung to stand on is undecided"
        )
    gap = steps.doubt
    return (
        f"{steps.rungs[gap.ahead]} in place of {steps.rungs[gap.behind]} changes the score by "
        f"{_bounded(gap)} on {plural(steps.items, 'item')}: fine-tuning is not shown to gain more than "
        f"{gain}, and no prompt to lack less"
    )


def _doubted(steps: Ladder) -> str:
    gap = steps.doubt
    return (
        f"{_more(steps, gap, steps.terms.gain)} settle whether {steps.rungs[gap.ahead]} gains more than "
        f"{_size(steps.terms.gain)} over {steps.rungs[gap.behind]}"
    )


def _undecided(steps: Ladder, place: int) -> str:
    """The comparison of a rung that is farthest from being shown."""
    gap = max((each for each in steps.gaps if each.behind == place), key=steps.excess)
    bar = steps.tolerated(gap.ahead, place)
    return (
        f"whether {steps.rungs[place]} would do is undecided ({steps.rungs[gap.ahead]} is ahead by "
        f"{_bounded(gap)}, where {_size(bar)} are tolerated): {_more(steps, gap, bar)} settle it"
    )


def _more(steps: Ladder, gap: Gap, bar: float) -> str:
    more = steps.more_items(gap, bar)
    return "no number of items at hand would" if more is None else f"about {plural(more, 'more item')} would"


def _bounded(gap: Gap) -> str:
    return f"{points(gap.delta)} ({points(gap.lower)} to {points(gap.upper)})"


def _size(value: float) -> str:
    return f"{100 * value:g} points"
