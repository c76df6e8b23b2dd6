"""What a user asked for, parsed but not yet looked up."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.domain.arm import Arm, parse_arm
from harness.domain.checkpoint import Precision
from harness.domain.decision import LadderTerms
from harness.domain.policy import Policy
from harness.domain.suite import MEASURED, Suite
from harness.errors import UsageError
from training.export import ExportFormat
from training.merge import MergeBase

_TASKS = Path(__file__).parents[2] / "suites" / "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Folders a gate works in: results, the user's cache, where tasks are found, and the embedder.

    `embedder` is `minilm`, or FOLDER[@DIMS]: who finds the examples of rag-K.
    """

    results: Path
    cache: Path
    tasks: Path
    embedder: str = "minilm"

    @property
    def database(self) -> Path:
        """The DuckDB file derived from the journals."""
        return self.results / "weighbridge.duckdb"


class Purpose(StrEnum):
    """What is measured for: a verdict, the scores of one side, the noise of one checkpoint, or a ladder."""

    DECIDE = "decide"
    SCORE = "score"
    NOISE = "noise"
    LADDER = "ladder"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRequest:
    """Weigh `checkpoint` against `baseline`, under each of `arms`.

    `baseline_arm` puts the baseline under one arm of its own; without it both sides have
    the same.  `tasks` are names or folders.  `mongodb_uri` of None starts the embedded
    gold store when an arm needs one.  `concurrency` is the number of requests in flight
    outside the latency suite.  `allow_underpowered` measures questions that cannot be
    expected to pass, and takes PASSED away from them.  `merge_into` is the base that adapters
    are merged into, and `certificate` a folder that tells how an endpoint to be weighed was
    trained.  `ladder` is what a decision is held to, where that is the purpose.  `anew` asks
    everything of the servers, also what they answered before.
    """

    checkpoint: str
    baseline: str
    arms: tuple[Arm, ...]
    tasks: tuple[str, ...]
    suites: tuple[Suite, ...]
    policy: Policy
    places: Places
    baseline_arm: Arm | None = None
    max_model_len: int = 8192
    concurrency: int = 48
    mongodb_uri: str | None = None
    purpose: Purpose = Purpose.DECIDE
    allow_underpowered: bool = False
    merge_into: MergeBase = MergeBase.AS_TRAINED
    certificate: Path | None = None
    ladder: LadderTerms | None = None
    anew: bool = False


def places(results: Path, *, embedder: str = "minilm") -> Places:
    """Return the folders to work in, made absolute; WEIGHBRIDGE_CACHE names another cache."""
    from platformdirs import user_cache_path

    named = os.environ.get("WEIGHBRIDGE_CACHE")
    cache = Path(named) if named else user_cache_path("weighbridge")
    return Places(results=results.absolute(), cache=cache.absolute(), tasks=_TASKS, embedder=embedder)


def words(text: str) -> tuple[str, ...]:
    """Return the words of a comma-separated list, each once, in order."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def arms_named(text: str) -> tuple[Arm, ...]:
    """Return the arms in a comma-separated list; raise `UnknownArm` for any other word."""
    return tuple(parse_arm(name) for name in words(text))


def arm_named(text: str | None) -> Arm | None:
    """Return the one arm called `text`, None for None."""
    return None if text is None else parse_arm(text.strip())


def merge_base_named(text: str) -> MergeBase:
    """Return the base called `text` that adapters are merged into; raise `UsageError` for any other word."""
    if text not in tuple(MergeBase):
        raise UsageError(f"--merge-into is {text!r}: use {', '.join(MergeBase)}")
    return MergeBase(text)


def suites_named(names: Sequence[str]) -> tuple[Suite, ...]:
    """Return the suites by name, in the order the gate asks them; all of them for no names.

    Raises `UsageError` for a name that no suite has.
    """
    unknown = [name for name in names if name not in MEASURED]
    if unknown:
        raise UsageError(f"unknown suite {unknown[0]!r}: use {', '.join(MEASURED)}")
    return tuple(suite for suite in MEASURED if not names or suite in names)


def precision_named(text: str | None) -> Precision | None:
    """Return the number format called `text`, None for None; raise `UsageError` for any other word."""
    if text is None:
        return None
    if text not in tuple(Precision):
        raise UsageError(f"--precision is {text!r}: use {', '.join(Precision)}")
    return Precision(text)


def export_format_named(text: str) -> ExportFormat:
    """Return the format called `text` that weights are written as; raise `UsageError` for any other word."""
    if text not in tuple(ExportFormat):
        raise UsageError(f"--format is {text!r}: use {', '.join(ExportFormat)}")
    return ExportFormat(text)


def as_typed(path: Path) -> str:
    """Return a path as it would be typed where the program runs."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
