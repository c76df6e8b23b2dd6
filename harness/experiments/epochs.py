"""Scores every epoch as it would be served, and chooses the one that ships.

Each epoch's adapter is merged into the base it was trained on, served, and asked the
validation examples under every arm of the recipe, and a forgetting probe; so is the base.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt
from pathlib import Path

from harness.config.task_folder import find_task
from harness.domain.arm import parse_arm
from harness.domain.policy import ForgettingPolicy, Policy
from harness.domain.run import ItemResult
from harness.domain.suite import Suite
from harness.errors import InvalidRecipe, StoreError
from harness.experiments.epoch_choice import EpochChoice, EpochScore, choose_epoch
from harness.experiments.gate import run_gate
from harness.experiments.held_out_task import write_held_out_task
from harness.experiments.progress import Progress
from harness.experiments.request import GateRequest, Places, Purpose
from harness.experiments.training import Trained
from training.certificate import Certificate, read_certificate
from training.job import run_folder

PROBES = ("arc_easy", "piqa")

_SUITES = (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY, Suite.FORGETTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRequest:
    """Score a training's epochs on at most `items` of its validation examples, and of each probe."""

    trained: Trained
    places: Places
    items: int = 40
    probes: tuple[str, ...] = PROBES
    mongodb_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredEpochs:
    """The base and every epoch, scored; the choice among them, and the adapter chosen."""

    scores: tuple[EpochScore, ...]
    choice: EpochChoice
    chosen: Path | None
    record: Path


def score_epochs(request: EpochRequest, progress: Progress) -> ScoredEpochs:
    """Return the scores and the choice, recorded in `epochs.json`, with `chosen` leading to the adapter.

    What was scored before is not asked again.  Raises `InvalidRecipe` for a training without a
    task or adapters.
    """
    trained = request.trained
    if trained.task is None or not trained.epochs:
        raise InvalidRecipe(
            f"the epochs in {trained.out} cannot be scored: name a task in the recipe and train an epoch"
        )
    source = find_task(trained.task_name, tasks_dir=request.places.tasks)
    held_out = write_held_out_task(
        source, trained.task, trained.validation, run_folder(trained.out) / "validation-task"
    )
    certificates = [_certificate(folder) for folder in trained.epochs]
    names = (certificates[0].base, *map(str, trained.epochs))
    scores = []
    for epoch, name in enumerate(names):
        progress.say(f"scoring epoch {epoch} of {len(trained.epochs)}" if epoch else "scoring the base")
        score = _known(request, epoch) or _scored(request, epoch, name, held_out, progress)
        scores.append(score if not epoch else _with_losses(score, certificates[epoch - 1]))
    return _recorded(trained, scores, choose_epoch(scores))


def _scored(request: EpochRequest, epoch: int, name: str, held_out: Path, progress: Progress) -> EpochScore:
    """Serve a checkpoint and ask it everything, then keep what it scored."""
    report = run_gate(_gate(request, name, held_out), progress)
    score = summed_up(
        epoch,
        {run.id: report.folder.results(run.id) for run in report.folder.manifest.runs},
        {run.id: str(run.candidate.arm) for run in report.folder.manifest.runs},
    )
    path = _score_file(request, epoch)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"key": _key(request, epoch), "score": asdict(score)}, indent=2) + "\n")
    return score


def summed_up(epoch: int, results: Mapping[str, Sequence[ItemResult]], arms: Mapping[str, str]) -> EpochScore:
    """Return the means of one checkpoint's results by run, `arms` naming the arm of each run.

    Raises `StoreError` where a run has no results.
    """
    targets: dict[str, list[float]] = {}
    valid: list[float] = []
    probe: list[float] = []
    for name, items in results.items():
        if not items:
            raise StoreError(f"run {name} has no results: run the same command again")
        if "choice" in items[0].scores:
            probe += [item.scores["choice"].value for item in items]
            continue
        targets[arms[name]] = [item.scores["target"].value for item in items]
        valid += [item.scores["schema"].value for item in items]
    every = [value for values in targets.values() for value in values]
    return EpochScore(
        epoch=epoch,
        target=_mean(every),
        target_se=_standard_error(every),
        by_arm={arm: _mean(values) for arm, values in targets.items()},
        valid=_mean(valid),
        probe=_mean(probe),
        items=max(map(len, targets.values())),
    )


def _gate(request: EpochRequest, name: str, held_out: Path) -> GateRequest:
    arms = sorted(_certificate(request.trained.epochs[0]).recipe["prompt_arms"])
    return GateRequest(
        checkpoint=name,
        baseline=name,
        arms=tuple(parse_arm(arm) for arm in arms),
        tasks=(str(held_out),),
        suites=_SUITES,
        policy=Policy(
            items=request.items, forgetting=ForgettingPolicy(probes=request.probes, items=request.items)
        ),
        places=request.places,
        mongodb_uri=request.mongodb_uri,
        purpose=Purpose.SCORE,
    )


def _known(request: EpochRequest, epoch: int) -> EpochScore | None:
    """What an earlier run of the same command scored, if it asked the same of the same adapter."""
    path = _score_file(request, epoch)
    try:
        document = json.loads(path.read_bytes())
        return EpochScore(**document["score"]) if document["key"] == _key(request, epoch) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _key(request: EpochRequest, epoch: int) -> list[object]:
    trained = request.trained
    folder = trained.epochs[max(0, epoch - 1)]
    certificate = _certificate(folder)
    return [
        certificate.data_digest,
        certificate.base_digest,
        certificate.created_at if epoch else "",
        [loss for losses in certificate.losses for loss in losses] if epoch else [],
        request.items,
        list(request.probes),
    ]


def _score_file(request: EpochRequest, epoch: int) -> Path:
    return run_folder(request.trained.out) / "epoch-scores" / f"{epoch}.json"


def _with_losses(score: EpochScore, certificate: Certificate) -> EpochScore:
    if not certificate.losses:
        return score
    _, training, validation = certificate.losses[-1]
    return replace(score, training_loss=training, validation_loss=validation)


def _certificate(folder: Path) -> Certificate:
    found = read_certificate(folder)
    if found is None:
        raise InvalidRecipe(f"{folder} has lost its certificate: train it again")
    return found


def _recorded(trained: Trained, scores: Sequence[EpochScore], choice: EpochChoice) -> ScoredEpochs:
    """Write the table, and lead `chosen` to the adapter that ships, or to none."""
    record = trained.out / "epochs.json"
    document = {
        "scored_on": "validation examples",
        "choice": asdict(choice),
        "epochs": list(map(asdict, scores)),
    }
    draft = record.with_name(".epochs.json.draft")
    draft.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(record)
    link = trained.out / "chosen"
    link.unlink(missing_ok=True)
    if choice.epoch is None:
        return ScoredEpochs(scores=tuple(scores), choice=choice, chosen=None, record=record)
    link.symlink_to(trained.epochs[choice.epoch - 1].name)
    return ScoredEpochs(scores=tuple(scores), choice=choice, chosen=link, record=record)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _standard_error(values: Sequence[float]) -> float:
    if len(values) < 2:  # noqa: PLR2004 - one value has no spread
        return 0.0
    mean = _mean(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))
