"""What the store must know before training: prompted runs, a stronger model, a sweep, a gap to close."""

import shlex
from collections.abc import Iterable

from harness import Arm, parse_arm
from training.preflight.check import Check, no, unknown, yes
from training.preflight.facts import Facts, RecordedRun

FEWEST_ITEMS = 50
LEAST_GAIN = 0.15

_LEAST_ANSWERED = 0.95
_FEWEST_SETTINGS = 2
_SWEEP = (0.7, 0.3, 1.0)
_ROUNDING = 1e-9
# What is asked of the base, an arm that would show it, and the kind of arm that does.
_PROMPTED = (
    ("prompted baseline", "zero-shot"),
    ("few-shot", "fewshot-3"),
    ("retrieved examples", "rag-3"),
)


def usable(runs: Iterable[RecordedRun]) -> tuple[RecordedRun, ...]:
    """Return the runs that tell anything: at least 50 items, of which nearly all got a reply."""
    return tuple(
        run
        for run in runs
        if run.items >= FEWEST_ITEMS and run.answered >= max(FEWEST_ITEMS, _LEAST_ANSWERED * run.items)
    )


def best(runs: Iterable[RecordedRun]) -> RecordedRun | None:
    """Return the usable run with the highest mean, None for none."""
    return max(usable(runs), key=lambda run: run.mean, default=None)


def prompted(facts: Facts) -> tuple[Check, ...]:
    """Return whether the base was measured under each way of prompting it."""
    return tuple(_prompted(facts, name, parse_arm(arm)) for name, arm in _PROMPTED)


def stronger_model(facts: Facts) -> Check:
    """Return whether a model that is better than the base was measured on the task."""
    name = "stronger model"
    if not facts.stronger:
        return no(
            name,
            "none is named",
            "Measure a stronger model under a prompt, then name it with --stronger",
            _evaluate(facts, "http://HOST:8000/v1#MODEL", "zero-shot"),
        )
    found, own = best(facts.stronger_runs), best(facts.runs)
    if found is None:
        return no(
            name,
            f"no usable run of {facts.stronger} on this task is recorded",
            f"Measure it on at least {FEWEST_ITEMS} items",
            _evaluate(facts, facts.stronger, "zero-shot"),
        )
    if own is not None and (found.mean <= own.mean or found.checkpoint_digest == own.checkpoint_digest):
        return no(
            name,
            f"{facts.stronger} is not stronger: {_told(found)}, and the base {_told(own)}",
            "Name a model that is better at this task",
            _evaluate(facts, "http://HOST:8000/v1#MODEL", "zero-shot"),
        )
    return yes(name, f"{facts.stronger}: {_told(found)}")


def decoding_sweep(facts: Facts) -> Check:
    """Return whether the base was measured at more than one decoding setting."""
    name, own = "decoding sweep", usable(facts.runs)
    tried = sorted({run.temperature for run in own})
    shown = ", ".join(f"{value:g}" for value in tried) or "none"
    if len(tried) >= _FEWEST_SETTINGS:
        return yes(name, f"temperatures tried: {shown}")
    another = next(value for value in _SWEEP if value not in tried)
    found = best(own)
    arm = str(found.arm) if found else "zero-shot"
    return no(
        name,
        f"temperatures tried: {shown}, and {_FEWEST_SETTINGS} are needed",
        "Try another decoding setting",
        f"{_evaluate(facts, facts.base, arm)} --temperature {another:g}",
    )


def room_to_gain(facts: Facts) -> Check:
    """Return whether the target lies at least 15 points above the best prompt-only run.

    The best run counts by its point estimate; the interval is only told.
    """
    name, target, found = "target", facts.intent.target, best(facts.runs)
    if found is None:
        return unknown(
            name,
            "no usable prompt-only run is recorded, so nothing is known of what training would add",
            "Measure the base first",
            _evaluate(facts, facts.base, "zero-shot"),
        )
    told = f"the best prompt-only run is {_told(found)} (point estimate counts)"
    if found.mean + LEAST_GAIN > 1.0 + _ROUNDING:
        return no(name, f"{told}: no target lies 15 points above it", "Ship the prompt; training has no room")
    needed = found.mean + LEAST_GAIN
    if target is None:
        return unknown(name, f"none is named; {told}", f"Name one with --target, {needed:.2f} or more")
    if target < needed - _ROUNDING:
        return no(
            name,
            f"{target:.2f} is {100 * (target - found.mean):+.0f} points; {told}",
            f"Aim at {needed:.2f} or more, or ship the prompt: less is not worth a model of your own",
        )
    return yes(name, f"{target:.2f} is {100 * (target - found.mean):+.0f} points; {told}")


def _prompted(facts: Facts, name: str, arm: Arm) -> Check:
    of_kind = [run for run in facts.runs if run.arm.kind is arm.kind]
    found = best(of_kind)
    if found is not None:
        return yes(name, _told(found))
    why = (
        f"{len(of_kind)} recorded under {arm.kind}, but none with {FEWEST_ITEMS} items answered"
        if of_kind
        else f"no run of {facts.base} under {arm.kind} is recorded for this task as it is now"
    )
    return no(name, why, f"Measure the base under {arm}", _evaluate(facts, facts.base, str(arm)))


def _told(run: RecordedRun) -> str:
    return f"{run.mean:.3f} ± {run.half_width:.3f} under {run.arm} on {run.items} items (gate {run.gate_id})"


def _evaluate(facts: Facts, checkpoint: str, arm: str) -> str:
    words = ["weighbridge", "eval", "--checkpoint", checkpoint, "--arms", arm, "--tasks", facts.task]
    where = [] if facts.results == "results" else ["--results", facts.results]
    return shlex.join([*words, *where])
