"""What a run recorded as whole columns, read straight from its journal, because there are many results.

As Python objects and rows they take four times as long as in arrays, which DuckDB reads where
they lie.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec

from harness.domain.response import FailureKind, FinishReason
from harness.domain.run import RunSpec
from harness.errors import JournalError
from harness.store.gate_folder import GateFolder
from harness.store.run_totals import Series, run_metrics, run_usage, score_series

if TYPE_CHECKING:
    from numpy.typing import NDArray

Column: TypeAlias = "NDArray[Any]"
"""The values of one column: text as objects, None for NULL; numbers as floats, NaN for NULL."""

_Unit = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Name = Annotated[str, msgspec.Meta(min_length=1)]
_Count = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Rows for one table: `same` is what all of them share, `arrays` are equally long, each by column name.

    Columns named in neither are NULL.
    """

    table: str
    same: Mapping[str, str]
    arrays: Mapping[str, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How many items a run has recorded, and their rows."""

    items: int
    columns: tuple[Columns, ...]


def recorded(folder: GateFolder, run: RunSpec) -> Recorded:
    """Return what the run has recorded so far, nothing when it has not begun.

    Raises `StoreError` as `GateFolder.results` does.
    """
    lines = _lines(folder, run.id)
    key = {"gate_id": folder.manifest.gate_id, "run_id": run.id}
    asked = {"side": str(run.side), "subject": run.subject, "arm": str(run.candidate.arm)}
    series = score_series(lines)
    return Recorded(
        items=len(lines),
        columns=(
            *_item_results(lines, key | asked),
            *_scores(lines, series, key),
            Columns(table="metrics", same=key, arrays=run_metrics(series, [line.cluster for line in lines])),
            Columns(table="usage", same=key, arrays=run_usage([line.outcome for line in lines])),
        ),
    )


class _Timing(msgspec.Struct, kw_only=True, gc=False):
    ttft_s: float
    e2e_s: float
    tpot_s: float | None


class _Response(msgspec.Struct, tag="response", kw_only=True, gc=False):
    text: str
    finish_reason: FinishReason
    prompt_tokens: _Count
    completion_tokens: _Count
    timing: _Timing | None


class _Choice(msgspec.Struct, tag="choice", kw_only=True, gc=False):
    logprobs: tuple[float, ...]
    tokens: tuple[int, ...]


class _Failure(msgspec.Struct, tag="failure", kw_only=True, gc=False):
    kind: FailureKind
    message: str


class _Score(msgspec.Struct, kw_only=True, gc=False):
    value: _Unit
    parts: dict[_Name, _Unit] = {}
    note: str = ""


class _Line(msgspec.Struct, kw_only=True, gc=False):
    """The line of `codec` with every field of it, wanted here or not, so that both refuse the same lines."""

    run_id: str
    item_id: str
    cluster: str
    outcome: _Response | _Choice | _Failure
    scores: dict[str, _Score]
    prompt_digest: str
    example_ids: tuple[str, ...]


def _lines(folder: GateFolder, run_id: str) -> Sequence[_Line]:
    """Read the journal quickly, and where anything is the matter once more as `GateFolder` does.

    That raises what is wrong, in words; where it finds nothing, the last line was torn.
    """
    path = folder.path / f"journal-{run_id}.jsonl"
    if path.parent != folder.path or not path.is_file():
        folder.results(run_id)  # refuses an id that leads elsewhere
        return ()
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise JournalError(
            f"{path} could not be read ({error.strerror}): check the file and try again"
        ) from error
    read = _decoded(lines, run_id)
    if read is None:
        whole = len(folder.results(run_id))
        read = _decoded(lines[:whole], run_id)
    if read is None:
        raise JournalError(
            f"{path} holds a token count that no model reaches, or it changed while it was read: run the "
            "same command again, and if that does not help move the gate folder away"
        )
    return read


def _decoded(lines: Sequence[bytes], run_id: str) -> Sequence[_Line] | None:
    """Return what the lines spell, None when one spells nothing, another run's result or an item again."""
    decode = msgspec.json.Decoder(_Line).decode
    try:
        read = [decode(line) for line in lines]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    is_own = all(line.run_id == run_id for line in read)
    is_once = len({line.item_id for line in read}) == len(read)
    return read if is_own and is_once else None


def _item_results(lines: Sequence[_Line], same: Mapping[str, str]) -> Iterator[Columns]:
    """Rows by kind of outcome, since those of a kind have the same columns."""
    for kind, wanted in _OUTCOMES.items():
        mine = [line for line in lines if type(line.outcome) is kind]
        if not mine:
            continue
        outcomes = [line.outcome for line in mine]
        arrays = {name: _words(_each(mine, name)) for name in ("item_id", "cluster", "prompt_digest")}
        arrays |= {column: made(_each(outcomes, field)) for column, (field, made) in wanted.items()}
        if kind is _Response:
            arrays |= _waits(_each(outcomes, "timing"))
        tag = str(kind.__struct_config__.tag)
        yield Columns(table="item_results", same={**same, "outcome": tag}, arrays=arrays)


def _waits(timings: Sequence[_Timing | None]) -> Mapping[str, Column]:
    """Seconds that replies took, no column where none was timed."""
    if not any(timings):
        return {}
    names = ("ttft_s", "tpot_s", "e2e_s")
    return {name: _numbers([getattr(timing, name, None) for timing in timings]) for name in names}


def _scores(lines: Sequence[_Line], series: Series, same: Mapping[str, str]) -> Iterator[Columns]:
    """One row a score with the part '', and one more for each of its parts."""
    import numpy as np

    items = _words(_each(lines, "item_id"))
    for (metric, part), values in series.items():
        known = ~np.isnan(values)
        yield Columns(
            table="scores",
            same={**same, "metric": metric, "part": part},
            arrays={"item_id": items[known], "value": values[known]},
        )


def _each(owners: Sequence[object], name: str) -> Sequence[Any]:
    """Return what each calls `name`."""
    return list(map(attrgetter(name), owners))


def _words(values: Sequence[object]) -> Column:
    import numpy as np

    return np.array(values, dtype=object)


def _numbers(values: Sequence[float | None]) -> Column:
    import numpy as np

    return np.array(values, dtype=np.float64)


_OUTCOMES: Mapping[type[msgspec.Struct], Mapping[str, tuple[str, Callable[[Sequence[Any]], Column]]]] = {
    _Response: {
        "finish_reason": ("finish_reason", _words),
        "text": ("text", _words),
        "prompt_tokens": ("prompt_tokens", _numbers),
        "completion_tokens": ("completion_tokens", _numbers),
    },
    _Choice: {},
    _Failure: {"failure_kind": ("kind", _words), "failure_message": ("message", _words)},
}
"""What each kind of outcome has for which column, and what makes an array of it."""
