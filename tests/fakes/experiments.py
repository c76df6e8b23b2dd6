"""Who trains, who scores and who watches an experiment, stood in for."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.domain.experiment import Cell, Outcome
from harness.errors import TrainingError
from harness.experiments.progress import Progress, Silent
from harness.experiments.request import GateRequest
from harness.store.gate_folder import GateFolder
from training.certificate import Certificate, write_certificate
from training.recipe import Recipe


class FakeTrainer:
    """Leaves two adapters with no weights, fails where a data set is called so, and knows what it was asked.

    Beside each lies `certificate`, where there is one.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[Recipe, Path, Path]] = []
        self.around: tuple[str, ...] = ("a base",)
        self.certificate: Certificate | None = None

    def surroundings(self, _recipe: Recipe) -> tuple[str, ...]:
        return self.around

    def train(self, recipe: Recipe, data: Path, out: Path) -> tuple[Path, ...]:
        self.asked.append((recipe, data, out))
        if "broken" in data.name:
            raise TrainingError("loss is not a number: lower the learning rate")
        folders = (out / "epoch-1", out / "epoch-2")
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            if self.certificate is not None:
                write_certificate(folder, self.certificate, None)
        return folders


class FakeGate:
    """Scores every checkpoint by a table of arms, in folders as a gate leaves them."""

    def __init__(self, results: Path, make: Callable[..., GateFolder]) -> None:
        self.requests: list[GateRequest] = []
        self.refused: Mapping[str, Exception] = {}
        self.loses = 0
        """The number of the request that one result of every run is lost of, 0 for none."""
        self._results, self._make = results, make

    def __call__(self, request: GateRequest, _progress: Progress) -> GateFolder:
        self.requests.append(request)
        for arm in map(str, request.arms):
            if arm in self.refused:
                raise self.refused[arm]
        number = len(self.requests)
        return self._make(request, self._results / str(number), lost=int(number == self.loses))


class Watched(Silent):
    """Keeps what was expected and what became of it."""

    def __init__(self) -> None:
        self.expected: tuple[Cell, ...] = ()
        self.outcomes: list[Outcome] = []

    def expect(self, cells: tuple[Cell, ...], factors: Sequence[str]) -> None:
        assert factors
        self.expected = cells

    def settled(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
