"""What `weighbridge preflight` prints: the advice, each question with its answer, then what to do first."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from harness.cli.show import print_json
from harness.experiments.preflight import Preflight
from reports.plain_text import harmless
from training.preflight.check import Answer, Check
from training.preflight.checklist import Advice, Checklist

ADVICE_CODES = {Advice.PROCEED: 0, Advice.DO_NOT_TRAIN: 1}

_SIGN = {Answer.YES: "yes", Answer.NO: "NO", Answer.UNKNOWN: "?"}
_LONGEST = 600


def show_preflight(found: Preflight, recipe_out: Path | None, *, json: bool) -> None:
    """Print the checklist and what follows from it."""
    if json:
        print_json(_plain(found))
        return
    for line in (*_page(found.checklist), *_what_follows(found, recipe_out)):
        print(harmless(line, longest=_LONGEST))


def _page(checklist: Checklist) -> Iterator[str]:
    questions = len(checklist.checks)
    good = questions - len(checklist.open)
    yield f"{checklist.advice}  {good} of {questions} questions are answered with yes."
    yield ""
    widest = max(len(check.name) for check in checklist.checks)
    for check in checklist.checks:
        yield f"{_SIGN[check.answer]:>4}  {check.name:<{widest}}  {check.reason}"
    for remark in checklist.remarks:
        yield ""
        yield f"Note: {remark}"
    yield ""


def _what_follows(found: Preflight, recipe_out: Path | None) -> Iterator[str]:
    if found.recipe is None:
        yield "Do first:"
        for place, check in enumerate(found.checklist.open, start=1):
            yield from _step(place, check)
        return
    if recipe_out is not None:
        yield f"Recipe: {recipe_out}; train with weighbridge train {recipe_out}"
        return
    yield "Recipe (write it to a file with --recipe-out):"
    yield ""
    yield from found.recipe.splitlines()


def _step(place: int, check: Check) -> Iterator[str]:
    yield f"{place:>3}. {check.name}: {check.to_do}"
    if check.command:
        yield f"     {check.command}"


def _plain(found: Preflight) -> dict[str, object]:
    return {
        "advice": str(found.checklist.advice),
        "checks": [asdict(check) for check in found.checklist.checks],
        "do_first": [asdict(check) for check in found.checklist.open],
        "remarks": list(found.checklist.remarks),
        "recipe": found.recipe,
    }
