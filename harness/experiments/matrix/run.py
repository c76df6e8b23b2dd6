"""An experiment from its file to its report: check everything, measure cell by cell, sum up, record."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from harness.config.task_folder import find_task, load_task
from harness.domain.experiment import UNTRAINED, Cell, ExperimentReport, Hole, Measured, Metric, Outcome
from harness.errors import InvalidExperiment
from harness.experiments.matrix.adapters import Adapters, LocalTrainer, Trainer
from harness.experiments.matrix.cells import Matrix, matrix_of
from harness.experiments.matrix.data_sets import DataSets, require_order
from harness.experiments.matrix.definition import Definition
from harness.experiments.matrix.differences import differences_of, row_of
from harness.experiments.matrix.executor import Executor
from harness.experiments.matrix.file import load_definition
from harness.experiments.matrix.local import LocalExecutor, Score, score_once
from harness.experiments.matrix.recipes import require_recipes
from harness.experiments.progress import Progress, ended
from harness.experiments.request import Places
from suites.probes import PROBES


class Watch(Progress, Protocol):
    """Shows an experiment while it goes on: the stages of a gate, and what became of each cell."""

    def expect(self, cells: tuple[Cell, ...], factors: tuple[str, ...]) -> None:
        """Take the cells that are to be measured, in their order."""
        ...

    def settled(self, outcome: Outcome) -> None:
        """Show what a cell ended in."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRequest:
    """Measure the experiment in the file at `path`; `accepted_by` takes training data nobody has read."""

    path: Path
    places: Places
    accepted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A file that was read and checked, and where what comes of it is kept."""

    definition: Definition
    matrix: Matrix
    digest: str
    request: ExperimentRequest

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.request.path.stem

    @property
    def folder(self) -> Path:
        """Where the report lies."""
        return self.shelf / f"{self.name}-{self.digest[:12]}"

    @property
    def shelf(self) -> Path:
        """What experiments share: data sets and adapters by digest."""
        return self.request.places.results / "experiments"

    @property
    def trainings(self) -> int:
        """How many trainings the cells take; epochs of one training share it."""
        recipes = self.definition.recipe
        trained = [cell for cell in self.matrix.cells if cell.data not in ("", UNTRAINED)]
        # Settings may hold lists, which cannot be hashed.
        of = {
            name: level.model_copy(update={"epoch": None}).model_dump_json()
            for name, level in recipes.items()
        }
        return len({(cell.data, of[cell.recipe], cell.seed) for cell in trained})


def checked(request: ExperimentRequest) -> Experiment:
    """Return the experiment in a file; nothing is begun.

    Raises `InvalidExperiment`, `InvalidRecipe`, `InvalidTask` or `UnknownArm` in one sentence.
    """
    definition = load_definition(request.path)
    matrix = matrix_of(definition, where=str(request.path))
    try:
        _require_probes(definition)
        require_order(definition.data)
    except InvalidExperiment as error:
        raise InvalidExperiment(f"{request.path}: {error}") from error
    require_recipes(definition.recipe, near=request.path.parent)
    load_task(find_task(definition.task, tasks_dir=request.places.tasks))
    digest = hashlib.sha256(request.path.read_bytes()).hexdigest()
    return Experiment(definition=definition, matrix=matrix, digest=digest, request=request)


def _require_probes(definition: Definition) -> None:
    if definition.metric == "probes" and not definition.probes:
        raise InvalidExperiment('metric is "probes", but none is asked: write probes = ["arc_easy", "piqa"]')
    unknown = [name for name in definition.probes if name not in PROBES]
    if unknown:
        raise InvalidExperiment(f"probes names {unknown[0]!r}: use {', '.join(PROBES)}")


def run_experiment(
    experiment: Experiment,
    watch: Watch,
    *,
    score: Score = score_once,
    trainer: Trainer | None = None,
    executor: Executor | None = None,
) -> ExperimentReport:
    """Return the report on an experiment, measured now, gone on with or found.

    `score` and `trainer` stand in for the gate and for training, `executor` for both.  Raises
    what stops everything before it begins; a cell that fails is a hole.
    """
    began_s = time.monotonic()
    chosen = executor or local_executor(experiment, watch, score=score, trainer=trainer)
    cells = experiment.matrix.cells
    watch.expect(cells, experiment.matrix.factors)
    outcomes: dict[Cell, Outcome] = {}
    with ended(watch):
        for outcome in chosen.run(cells):
            outcomes[outcome.cell] = outcome
            watch.settled(outcome)
    lost = [cell for cell in cells if cell not in outcomes]
    whole = [*outcomes.values(), *(Hole(cell=cell, reason="it was never answered for") for cell in lost)]
    return _report(experiment, whole, elapsed_s=time.monotonic() - began_s)


def local_executor(
    experiment: Experiment, watch: Watch, *, score: Score, trainer: Trainer | None
) -> LocalExecutor:
    """Return the executor of this machine; raise `InvalidExperiment` where nobody takes the training data."""
    request, definition = experiment.request, experiment.definition
    near, places = request.path.parent, request.places
    adapters = Adapters(
        recipes=definition.recipe,
        near=near,
        folder=experiment.shelf / "adapters",
        trainer=trainer or LocalTrainer(places=places, accepted_by=request.accepted_by, progress=watch),
    )
    if experiment.trainings and not request.accepted_by.strip():
        raise InvalidExperiment(
            f"{request.path} trains {experiment.trainings} times on data that nobody has read: say who "
            "takes it with --accept-unreviewed-by NAME"
        )
    return LocalExecutor(
        definition=definition,
        places=places,
        folder=experiment.shelf,
        data_sets=DataSets(
            definitions=definition.data,
            near=near,
            folder=experiment.shelf / "data",
            places=places,
            task=definition.task,
            progress=watch,
        ),
        adapters=adapters,
        progress=watch,
        score=score,
    )


def _report(experiment: Experiment, outcomes: list[Outcome], *, elapsed_s: float) -> ExperimentReport:
    definition, matrix = experiment.definition, experiment.matrix
    metric = Metric(definition.metric)
    order = {cell: place for place, cell in enumerate(matrix.cells)}
    outcomes = sorted(outcomes, key=lambda outcome: order[outcome.cell])
    measured = tuple(each for each in outcomes if isinstance(each, Measured))
    return ExperimentReport(
        name=experiment.name,
        question=definition.question,
        digest=experiment.digest,
        finished_on=datetime.now(UTC).isoformat(timespec="seconds"),
        task=definition.task,
        reference=matrix.reference,
        factors=matrix.factors,
        rows=tuple(row_of(each, metric) for each in measured),
        differences=differences_of(measured, matrix.comparisons, metric),
        holes=tuple(each for each in outcomes if isinstance(each, Hole)),
        measured=measured,
        metric=metric,
        shows=definition.shows,
        cannot_show=definition.cannot_show,
        elapsed_s=elapsed_s,
    )
