"""What a gate left behind, as a report takes it: nothing is missing and nothing is decided anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness import GateManifest, GateVerdict, ItemResult, ReadingSummary, RunSpec, Side, Task

UNFINISHED = "UNFINISHED"
EVALUATION = "EVALUATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a task lies, relative to the working folder, and the line of each of its items, from 1."""

    folder: str
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRecord:
    """A gate's manifest, its results by run and its verdict, None while it has none.

    `folder` is where it lies, as the reader would type it.  `replayed` says whether the journals
    give the verdict on record, None where there is nothing to replay.  `tasks` holds the tasks
    whose content is the one that was asked, by digest; where one is missing, its questions and
    examples are shown by id.  `homes` are the places of those that lie in the working folder.
    `reading` is what people and a judge made of it, None where nobody did.
    """

    folder: str
    manifest: GateManifest
    verdict: GateVerdict | None
    results: Mapping[str, tuple[ItemResult, ...]]
    replayed: bool | None = None
    tasks: Mapping[str, Task] = field(default_factory=dict)
    servers: Mapping[str, object] = field(default_factory=dict)
    homes: Mapping[str, Home] = field(default_factory=dict)
    reading: ReadingSummary | None = None

    @property
    def status(self) -> str:
        """The word of the verdict, or that there is none yet, or none at all."""
        if self.verdict is None:
            return UNFINISHED
        return str(self.verdict.status) if self.verdict.verdicts else EVALUATION

    @property
    def sentence(self) -> str:
        """Why, in one sentence."""
        if self.verdict is None:
            return f"{self.recorded} of {self.planned} replies are recorded; run the same gate again to go on"
        if self.replayed is False:
            return (
                f"{self.verdict.reason} (on record, but the journals give another verdict: do not trust it)"
            )
        return self.verdict.reason

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know besides."""
        return self.verdict.notes if self.verdict is not None else ()

    @property
    def planned(self) -> int:
        """Replies that were planned, over all runs."""
        return sum(len(run.item_ids) for run in self.manifest.runs)

    @property
    def recorded(self) -> int:
        """Replies that are recorded, over all runs."""
        return sum(map(len, self.results.values()))

    def checkpoint(self, side: Side) -> str:
        """Return the label of a side's checkpoint, empty where no run stands on that side."""
        labels = (run.candidate.checkpoint.label for run in self.manifest.runs if run.side is side)
        return next(labels, "")

    def runs_of(self, run: RunSpec) -> tuple[RunSpec, ...]:
        """Return the runs that a run is compared with, itself among them, in the manifest's order."""
        return tuple(each for each in self.manifest.runs if each.pair == run.pair)
