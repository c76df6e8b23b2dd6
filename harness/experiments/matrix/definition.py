"""What an experiment file may say, as pydantic tables; which levels belong together is checked in `cells`."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
"""A level's name: part of file names and of every table."""

_Text = Annotated[str, Field(min_length=1)]
_Levels = Annotated[tuple[_Text, ...], Field(min_length=1)]
_Share = Annotated[float, Field(gt=0, lt=1)]
_Seed = Annotated[int, Field(ge=0)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Draw(_Table):
    """Examples from a task's generator, or else its gold pool."""

    draw: _Text
    count: int = Field(ge=2)
    seed: _Seed = 7


class Read(_Table):
    """Examples from a file, beside the experiment or where the program runs; `task` words its rows."""

    file: _Text
    task: _Text | None = None


class Mix(_Table):
    """A data set with general examples of another: a share of the whole, or so many for each of its own."""

    mix: Name
    general: Name
    share: _Share | None = None
    dilute: float | None = Field(default=None, gt=0, le=1000)
    seed: _Seed = 5


class Spoil(_Table):
    """A data set in which a share of the examples has the reply of another."""

    spoil: Name
    share: _Share
    seed: _Seed = 5


class Repeat(_Table):
    """A data set in which every example stands several times."""

    repeat: Name
    times: int = Field(ge=2, le=100)


class Dedup(_Table):
    """A data set without its duplicates."""

    dedup: Name
    ways: Annotated[tuple[Literal["exact", "wording", "meaning"], ...], Field(min_length=1)] = (
        "exact",
        "wording",
    )


DATA_KINDS: dict[str, type[_Table]] = {
    "draw": Draw,
    "file": Read,
    "mix": Mix,
    "spoil": Spoil,
    "repeat": Repeat,
    "dedup": Dedup,
}
"""The key that says how a data set is made, and what else may stand beside it."""


def _kind(fields: Any) -> str | None:  # noqa: ANN401 - whatever stands in the file
    kinds = [kind for kind in DATA_KINDS if isinstance(fields, dict) and kind in fields]
    return kinds[0] if len(kinds) == 1 else None


DataSet: TypeAlias = Draw | Read | Mix | Spoil | Repeat | Dedup
_DataSet = Annotated[
    Annotated[Draw, Tag("draw")]
    | Annotated[Read, Tag("file")]
    | Annotated[Mix, Tag("mix")]
    | Annotated[Spoil, Tag("spoil")]
    | Annotated[Repeat, Tag("repeat")]
    | Annotated[Dedup, Tag("dedup")],
    Discriminator(
        _kind,
        custom_error_type="data_kind",
        custom_error_message=f"it says how it is made by one of {', '.join(DATA_KINDS)}: write exactly one",
    ),
]


class RecipeLevel(_Table):
    """A recipe file, what is set otherwise in it, and which epoch from 1 on is asked, or else the last."""

    file: _Text
    set: dict[str, Any] = Field(default_factory=dict)
    epoch: int | None = Field(default=None, ge=1)


class DecodingLevel(_Table):
    """What is decoded otherwise than the task does."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    constrained: bool | None = None


class Factors(_Table):
    """The levels that are crossed; either checkpoints, or data sets and recipes."""

    checkpoint: _Levels | None = None
    data: _Levels | None = None
    recipe: _Levels | None = None
    seed: Annotated[tuple[_Seed, ...], Field(min_length=1)] | None = None
    merge_into: Annotated[tuple[Literal["as-trained", "full", "dequantised"], ...], Field(min_length=1)] = (
        "as-trained",
    )
    export: Annotated[tuple[Literal["safetensors", "int8"], ...], Field(min_length=1)] = ("safetensors",)
    arm: _Levels = ("zero-shot",)
    decoding: _Levels = ("task",)


class Rule(_Table):
    """Levels that mark cells; a factor that is left out matches all of its levels."""

    checkpoint: str | tuple[str, ...] | None = None
    data: str | tuple[str, ...] | None = None
    recipe: str | tuple[str, ...] | None = None
    seed: int | tuple[int, ...] | None = None
    merge_into: str | tuple[str, ...] | None = None
    export: str | tuple[str, ...] | None = None
    arm: str | tuple[str, ...] | None = None
    decoding: str | tuple[str, ...] | None = None


class Pair(_Table):
    """Two cells that are compared besides those with the reference."""

    cell: Rule
    against: Rule


class Definition(_Table):
    """An experiment file."""

    question: _Text
    task: _Text
    items: int = Field(default=48, ge=2)
    metric: Literal["target", "schema", "probes"] = "target"
    waits: int = Field(default=0, ge=0, le=10_000)
    probes: tuple[_Text, ...] = ()
    probe_items: int = Field(default=48, ge=2)
    seed: _Seed = 0
    max_model_len: int = Field(default=8192, ge=128)
    shows: str = ""
    cannot_show: str = ""
    reference: Rule
    factors: Factors
    compare: tuple[Pair, ...] = ()
    skip: tuple[Rule, ...] = ()
    data: dict[Name, _DataSet] = Field(default_factory=dict)
    recipe: dict[Name, RecipeLevel] = Field(default_factory=dict)
    decoding: dict[Name, DecodingLevel] = Field(default_factory=dict)
