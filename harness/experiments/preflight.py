"""Gathers from store, task and data what the checklist before training is answered from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.domain.arm import Arm
from harness.domain.task import Task
from harness.errors import StoreError, UsageError
from harness.experiments.label_change import last_label_change
from harness.experiments.progress import Progress, ended
from harness.experiments.recorded_runs import recorded_runs
from harness.experiments.request import Places, as_typed
from harness.store.atomic import write_atomically
from serving.checkpoints import resolve_checkpoint
from serving.hardware import hardware
from training.example import Example
from training.example_rows import examples_digest, read_examples
from training.preflight.checklist import Advice, Checklist, checklist
from training.preflight.draft import draft_recipe
from training.preflight.facts import AuditSeen, Data, Facts, Intent, Motivation, RecordedRun
from training.preflight.overlap import overlapping_items
from training.preflight.reports_read import read_audit, read_review


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightRequest:
    """Ask whether `base` should be trained on `data` for `task`; `arms` are those to be served under.

    `stronger` is the label of a better model as it stands in recorded runs.
    """

    task: str
    base: str
    data: Path
    intent: Intent
    places: Places
    audit: Path | None = None
    review: Path | None = None
    stronger: str | None = None
    arms: tuple[Arm, ...] = ()
    stable_days: int = 30
    max_model_len: int = 8192
    recipe_out: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """The checklist, and the recipe as TOML where it says PROCEED."""

    checklist: Checklist
    recipe: str | None


def run_preflight(request: PreflightRequest, today: date, progress: Progress) -> Preflight:
    """Return the checklist for a request, with the recipe written to `recipe_out` if all is well.

    Nothing is asked of any model.  Raises what reading task, data, reports and store raises.
    """
    with ended(progress):
        facts = gather(request, today, progress)
    answered = checklist(facts)
    if answered.advice is not Advice.PROCEED:
        return Preflight(checklist=answered, recipe=None)
    recipe = draft_recipe(facts, request.arms)
    if request.recipe_out is not None:
        _write(request.recipe_out, recipe)
    return Preflight(checklist=answered, recipe=recipe)


def gather(request: PreflightRequest, today: date, progress: Progress) -> Facts:
    """Return what is known; what nothing tells stays None."""
    _require_target(request.intent.target)
    folder = find_task(request.task, tasks_dir=request.places.tasks)
    task = load_task(folder)
    examples = read_examples(request.data, task=task)
    progress.say("reading recorded runs")
    runs = recorded_runs(request.places.results, task)
    base = _digest(request, progress)
    return Facts(
        base=request.base,
        task=request.task,
        task_folder=str(folder),
        results=as_typed(request.places.results),
        today=today,
        intent=request.intent,
        data=_data(request.data, task, examples),
        evaluation_items=len(task.items),
        runs=tuple(run for run in runs if run.checkpoint_digest == base),
        stronger=request.stronger,
        stronger_runs=_labelled(runs, request.stronger),
        audit=_audit(request),
        review=None if request.review is None else read_review(request.review),
        labels=last_label_change(folder),
        stable_days=request.stable_days,
    )


def motivation_named(text: str) -> Motivation:
    """Return the motivation called `text`; raise `UsageError` for any other word."""
    if text not in tuple(Motivation):
        raise UsageError(f"unknown motivation {text!r}: use {', '.join(Motivation)}")
    return Motivation(text)


def _require_target(target: float | None) -> None:
    if target is not None and not 0.0 < target <= 1.0:
        raise UsageError(f"the target is {target}: scores lie in [0, 1], name one above 0 and at most 1")


def _digest(request: PreflightRequest, progress: Progress) -> str:
    return resolve_checkpoint(
        request.base,
        cache=request.places.cache,
        precision=hardware().precision,
        max_model_len=request.max_model_len,
        say=progress.say,
    ).digest


def _data(path: Path, task: Task, examples: Sequence[Example]) -> Data:
    return Data(
        path=str(path),
        digest=examples_digest(examples),
        examples=len(examples),
        have_inputs=all(example.inputs is not None for example in examples),
        overlapping=overlapping_items(task, examples),
    )


def _audit(request: PreflightRequest) -> AuditSeen | None:
    """The audit that was named, or the one that lies where `weighbridge data audit` leaves it."""
    beside = request.data.with_name(f"{request.data.name}.audit.json")
    if request.audit is None and not beside.is_file():
        return None
    return read_audit(request.audit or beside)


def _labelled(runs: Sequence[RecordedRun], label: str | None) -> tuple[RecordedRun, ...]:
    """The runs under a label, of the content that it named last: a folder may have been filled anew."""
    named = [run for run in runs if run.checkpoint == label]
    return tuple(run for run in named if run.checkpoint_digest == named[-1].checkpoint_digest)


def _write(path: Path, recipe: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path.parent} could not be made ({error.strerror}): write the recipe elsewhere"
        ) from error
    write_atomically(path, recipe.encode())
