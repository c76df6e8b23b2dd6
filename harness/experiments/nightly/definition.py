"""What a nightly file may say, as pydantic tables.

    owner = "Ada"                          # who looks at it in the morning
    due = 2027-01-31                       # by when the owner decides whether to train again
    checkpoints = ["smollm2-135m+adapters/nightly"]
    arms = ["zero-shot", "rag-3"]
    tasks = ["fractions", "./my-task"]
    release = "smollm2-135m+adapters/release-8"
    policy = "policy.toml"
    max_age_days = 7
    keep_days = 60
    disk_budget_gb = 20

    [anchor]                               # never changes: where its score moves, the measurement moved
    checkpoint = "smollm2-135m"
    digest = "3b0c44298fc1"

A key that is not known is refused, because a misspelt demand would silently not be made.
"""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails

from harness.config.toml_file import as_table, read_toml
from harness.errors import InvalidNightly

_Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
_Names = Annotated[tuple[_Text, ...], Field(min_length=1)]
_EXAMPLES = {
    "owner": 'owner = "Ada"',
    "due": "due = 2027-01-31 (by when the owner decides whether to train again)",
    "checkpoints": 'checkpoints = ["./merged"]',
    "tasks": 'tasks = ["fractions"]',
    "release": 'release = "./release-8" (what users have now, or else the base model)',
    "anchor.checkpoint": 'checkpoint = "smollm2-135m"',
}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AnchorTable(_Table):
    """The frozen anchor: a checkpoint, the beginning of its digest, and from when on its scores count.

    A file without a digest is refused where the checkpoint is looked up, with the digest to write.
    """

    checkpoint: _Text
    digest: str = Field(default="", pattern=r"^([0-9a-f]{12,64})?$")
    since: date | None = None


class NightlyTable(_Table):
    """A nightly file."""

    owner: _Text
    due: date
    checkpoints: _Names
    tasks: _Names
    release: _Text
    arms: _Names = ("zero-shot",)
    suites: Annotated[
        tuple[Literal["target-metric", "schema-validity", "forgetting"], ...], Field(min_length=1)
    ] = ("target-metric", "schema-validity")
    policy: _Text | None = None
    embedder: _Text = "minilm"
    max_model_len: int = Field(default=8192, ge=128)
    max_age_days: int = Field(default=7, ge=1, le=3650)
    keep_days: int | None = Field(default=None, ge=1, le=36500)
    disk_budget_gb: float | None = Field(default=None, gt=0)
    anchor: AnchorTable | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """Every checkpoint that is asked, once: the release, those that are weighed, and last the anchor."""
        anchor = () if self.anchor is None else (self.anchor.checkpoint,)
        first = () if self.release in anchor else (self.release,)
        return (*first, *self.checkpoints, *anchor)


def load_nightly(path: Path) -> NightlyTable:
    """Return the nightly file at `path`.

    Raises `InvalidNightly` naming the file, the key, its value and what is allowed.
    """
    fields = read_toml(path, noun="TOML nightly file", error=InvalidNightly)
    return parse_nightly(fields, where=str(path))


def parse_nightly(fields: Mapping[str, Any], *, where: str) -> NightlyTable:
    """Return the nightly of these fields; raise `InvalidNightly` naming the first key that is wrong."""
    table = as_table(NightlyTable, fields, where=where, error=InvalidNightly, sentence=_sentence)
    _require_once(table, where)
    return table


def _require_once(table: NightlyTable, where: str) -> None:
    for key in ("checkpoints", "arms", "tasks", "suites"):
        names = getattr(table, key)
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InvalidNightly(f"{where}: {key} names {twice!r} twice: name each once")
    anchor = table.anchor and table.anchor.checkpoint
    for name, key in ((table.release, "release"), (anchor, "anchor.checkpoint")):
        if name in table.checkpoints:
            raise InvalidNightly(
                f"{where}: {name!r} is {key} and one of checkpoints, and would be held against itself: leave "
                "it out of checkpoints"
            )


def _sentence(problem: ErrorDetails) -> str:
    loc = ".".join(map(str, problem["loc"]))
    match problem["type"]:
        case "extra_forbidden":
            table = AnchorTable if loc.startswith("anchor.") else NightlyTable
            known = tuple(table.model_fields)
            near = get_close_matches(loc.rpartition(".")[2], known, n=1)
            mended = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
            return f"unknown key {loc!r}: {mended}"
        case "missing":
            return f"{loc} is missing: write {_EXAMPLES.get(loc, loc)}"
        case "too_short":
            return f"{loc} is empty, so there is nothing to measure: name at least one"
        case "literal_error" if problem["input"] == "latency":
            return (
                f"{loc} is 'latency', but waiting times of two nights cannot be compared: leave it out, and "
                "run weighbridge gate, which asks both sides in turn"
            )
        case _:
            said = problem["msg"]
            return f"{loc} is {problem['input']!r:.80}: {said[0].lower()}{said[1:]}"
