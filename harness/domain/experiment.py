"""An experiment: cells of a matrix, what each measured, and what they show of one another.

A cell is a model under a prompting arm and a decoding; all cells of an experiment are asked
the same items.  A cell that could not be measured is a hole with a reason, never a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

UNTRAINED = "none"
"""The data set of a recipe's base as it is: nothing is trained."""

OWN_DECODING = "task"
"""The decoding that the task itself sets."""

AS_MERGED = "safetensors"
"""The export in which weights are served as they were merged."""

FACTORS = ("checkpoint", "data", "recipe", "seed", "merge_into", "export", "arm", "decoding")
"""What can be varied, in the order in which cells are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One combination of levels; a factor that plays no part is empty.

    Either `checkpoint` is set, or `data` and `recipe`, by which one is trained, from `seed` where that
    is set and the recipe's own otherwise.  `export` is the format that it is served in.
    """

    checkpoint: str = ""
    data: str = ""
    recipe: str = ""
    seed: str = ""
    merge_into: str = "as-trained"
    export: str = AS_MERGED
    arm: str = "zero-shot"
    decoding: str = OWN_DECODING

    @property
    def levels(self) -> Mapping[str, str]:
        """The level of every factor."""
        return {factor: str(getattr(self, factor)) for factor in FACTORS}

    @property
    def model(self) -> tuple[str, ...]:
        """What is served; cells that share it are asked on one server."""
        return (self.checkpoint, self.data, self.recipe, self.seed, self.merge_into, self.export)

    def named(self, factors: Sequence[str]) -> str:
        """Return the levels of `factors` as words, those that are empty left out."""
        return " · ".join(level for factor in factors if (level := self.levels[factor]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredItem:
    """One item of a cell: its scores in [0, 1], and what it took.

    Token counts are None, and `failed` true, where no reply came; the item then scores 0.
    """

    item_id: str
    cluster: str
    target: float
    schema: float
    failed: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedItem:
    """One question of a forgetting probe, answered right or not: 1 or 0.  The id names the probe too."""

    item_id: str
    cluster: str
    correct: float


class Metric(StrEnum):
    """What cells are compared by."""

    TARGET = "target"
    SCHEMA = "schema"
    PROBES = "probes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Waiting times of one request, alone on the server; seconds."""

    ttft_s: float
    e2e_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a cell scored, item by item, and where that is recorded.

    `checkpoint` is how what was served was named, an adapter by its folder, `checkpoint_digest`
    the digest of its content, `gate` the folder of journals and `measured_on` an ISO time in UTC.
    `trained_s` is the seconds that its training took, None where nothing tells.
    """

    cell: Cell
    items: tuple[ScoredItem, ...]
    checkpoint: str
    checkpoint_digest: str
    gate: str
    measured_on: str
    waits: tuple[Wait, ...] = ()
    probes: tuple[ProbedItem, ...] = ()
    trained_s: float | None = None

    def scores(self, metric: Metric) -> Mapping[str, tuple[str, float]]:
        """Return cluster and score in [0, 1] of every item of `metric`, by id."""
        match metric:
            case Metric.TARGET:
                return {each.item_id: (each.cluster, each.target) for each in self.items}
            case Metric.SCHEMA:
                return {each.item_id: (each.cluster, each.schema) for each in self.items}
            case Metric.PROBES:
                return {each.item_id: (each.cluster, each.correct) for each in self.probes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A cell that was not measured, and why, in a sentence."""

    cell: Cell
    reason: str


Outcome: TypeAlias = Measured | Hole
"""What a cell ended in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Two bounds of a mean."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measured cell summed up; means in [0, 1], times medians in seconds, None where not known.

    `mean` is that of the metric that cells are compared by, over `items` items of `clusters`
    sources, and `interval` its two-sided 95 % cluster-robust one, None where all have one
    source.  Tokens are means an item.
    """

    cell: Cell
    mean: float
    interval: Interval | None
    items: int
    clusters: int
    target: float
    schema: float
    probes: float | None
    failed: int
    prompt_tokens: float | None
    completion_tokens: float | None
    ttft_s: float | None
    e2e_s: float | None
    waits: int
    trained_s: float | None = None


class Reading(StrEnum):
    """What an interval of a difference says of its sign."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A cell against another, paired item by item: `delta` is the mean in [-1, 1].

    `interval` holds together with those of all other differences of the experiment in 95 % of
    experiments.
    """

    cell: Cell
    against: Cell
    delta: float
    interval: Interval | None
    items: int

    @property
    def reading(self) -> Reading:
        """Which sign is shown, if any."""
        if self.interval is None or self.interval.low <= 0 <= self.interval.high:
            return Reading.NOT_SHOWN
        return Reading.BETTER if self.interval.low > 0 else Reading.WORSE


class Coverage(StrEnum):
    """How much of an experiment was measured."""

    WHOLE = "whole"
    HOLES = "holes"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentReport:
    """An experiment as a person reads it.

    `factors` are those that vary.  `differences` are empty where the reference is a hole.
    `digest` is the hex sha256 of the file, `shows` and `cannot_show` its author's words.
    """

    name: str
    question: str
    digest: str
    finished_on: str
    task: str
    reference: Cell
    factors: tuple[str, ...]
    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]
    holes: tuple[Hole, ...]
    measured: tuple[Measured, ...]
    metric: Metric = Metric.TARGET
    shows: str = ""
    cannot_show: str = ""
    elapsed_s: float = 0.0

    @property
    def coverage(self) -> Coverage:
        """Whether cells are missing."""
        if not self.rows:
            return Coverage.NOTHING
        return Coverage.HOLES if self.holes else Coverage.WHOLE
