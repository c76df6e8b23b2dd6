"""Asks a checkpoint what is new or stale of its cells; what fails is a reason in place of a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harness.domain.nightly import Asked
from harness.domain.run import RunKind, RunSpec
from harness.errors import UnknownCheckpoint, UsageError, WeighbridgeError
from harness.experiments.gate import run_gate
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.recorded import Fresh, Kept, shelf_of, why_unusable
from harness.experiments.prepare import prepare
from harness.experiments.progress import Progress
from harness.experiments.request import GateRequest
from harness.gating.wording import plural
from harness.store.gate_folder import GateFolder

Score = Callable[[GateRequest, Progress], GateFolder]
"""Gives the finished folder of what a request asks, measured now or gone on with."""

Found: TypeAlias = Kept | str
"""The run of a cell, or why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Finds or measures the cells of checkpoints; `score` stands in for the gate.

    `asked` is told of every gate that was asked, as soon as it is finished.
    """

    nightly: Nightly
    progress: Progress
    asked: Callable[[GateFolder], None]
    score: Score

    def cells(self, checkpoint: str, fresh: Fresh) -> Mapping[Asked, Found]:
        """Return a run for every cell that counts by `fresh` and is of the programs installed now.

        What there is none of is measured, all of it on one server where that can be.
        """
        return self._cells(checkpoint, self.nightly.asked, fresh)

    def known(self, checkpoint: str, fresh: Fresh) -> Mapping[Asked, tuple[RunSpec, Kept | None]]:
        """Return the run that every cell plans, and the recorded one that counts in its place, if any.

        Asks nothing of a server; raises what looking the checkpoint up raises.
        """
        return self._known(checkpoint, self.nightly.asked, fresh)

    def _cells(self, checkpoint: str, wanted: Sequence[Asked], fresh: Fresh) -> Mapping[Asked, Found]:
        def attempt() -> Mapping[Asked, Found]:
            known = self._known(checkpoint, wanted, fresh)
            found: dict[Asked, Found] = {
                asked: kept for asked, (_, kept) in known.items() if kept is not None
            }
            lacking = [asked for asked in wanted if asked not in found]
            self.progress.say(f"{checkpoint}: {len(lacking)} of {plural(len(wanted), 'cell')} to be measured")
            for block in blocks(lacking):
                found |= self._measured(checkpoint, block)
            return found

        return self._or_each(attempt, wanted, lambda asked: self._cells(checkpoint, (asked,), fresh))

    def _measured(self, checkpoint: str, block: Sequence[Asked]) -> Mapping[Asked, Found]:
        def attempt() -> Mapping[Asked, Found]:
            folder = self.score(self.nightly.request(checkpoint, block), self.progress)
            self.asked(folder)
            return {asked: self._sound(folder, asked) for asked in block}

        return self._or_each(attempt, block, lambda asked: self._measured(checkpoint, (asked,)))

    def _or_each(
        self,
        attempt: Callable[[], Mapping[Asked, Found]],
        wanted: Sequence[Asked],
        alone: Callable[[Asked], Mapping[Asked, Found]],
    ) -> Mapping[Asked, Found]:
        """All at once, or each by itself where one of them cannot be asked; a failure is a reason."""
        try:
            return attempt()
        except (WeighbridgeError, OSError) as error:
            is_one_of_them = isinstance(error, UsageError) and not isinstance(error, UnknownCheckpoint)
            if is_one_of_them and len(wanted) > 1:
                return {asked: found for each in wanted for asked, found in alone(each).items()}
            return dict.fromkeys(wanted, str(error) or type(error).__name__)

    def _sound(self, folder: GateFolder, asked: Asked) -> Found:
        run = _run_of(folder.manifest.runs, asked)
        why = why_unusable(folder.results(run.id), run, most=self.nightly.policy.max_failed_share)
        return why or Kept(folder=folder, run=run)

    def _known(
        self, checkpoint: str, wanted: Sequence[Asked], fresh: Fresh
    ) -> Mapping[Asked, tuple[RunSpec, Kept | None]]:
        shelf = shelf_of(self.nightly)
        plan = prepare(self.nightly.request(checkpoint, wanted), self.progress)
        runs = {asked: _run_of(plan.runs, asked) for asked in wanted}
        return {asked: (run, shelf.current(run, fresh)) for asked, run in runs.items()}


def score_anew(request: GateRequest, progress: Progress) -> GateFolder:
    """Return the gate that asks what `request` says, gone on with where one was stopped."""
    return run_gate(request, progress).folder


def blocks(wanted: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    """Yield the cells in blocks that are each all of some arms on all of some tasks.

    A gate asks every arm of every task, and what is not stale must not be asked.  Probes are asked
    with the first block.
    """
    arms: dict[str, list[Asked]] = {}
    for asked in wanted:
        if asked.kind is not RunKind.PROBE:
            arms.setdefault(asked.task, []).append(asked)
    rectangles: dict[frozenset[str], list[Asked]] = {}
    for members in arms.values():
        rectangles.setdefault(frozenset(asked.arm for asked in members), []).extend(members)
    probes = [asked for asked in wanted if asked.kind is RunKind.PROBE]
    for block in rectangles.values() or ([[]] if probes else []):
        yield [*block, *probes]
        probes = []


def _run_of(runs: Sequence[RunSpec], asked: Asked) -> RunSpec:
    return next(run for run in runs if run.pair == asked.pair)
