"""Item results as JSON lines, manifests and verdicts as JSON documents.

Everything comes back exactly as it went in, with one exception: JSON in UTF-8 cannot hold
a lone surrogate, so each becomes U+FFFD (a pair of them becomes the character it spells).
Item results go through msgspec because there are many; documents go through pydantic
because their types nest and there are few.
"""

import json
import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

import msgspec

from harness.domain.decision import Decision
from harness.domain.manifest import FORMAT_VERSION, GateManifest
from harness.domain.response import (
    ChoiceResponse,
    FailureKind,
    FinishReason,
    GenerationFailure,
    Outcome,
    Response,
    Timing,
)
from harness.domain.run import ItemResult
from harness.domain.score import Score
from harness.domain.text import speakable
from harness.domain.verdict import GateVerdict
from harness.errors import InvalidComparison, JournalError, StoreError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_Document = TypeVar("_Document", GateManifest, GateVerdict, Decision)


class _Response(msgspec.Struct, tag="response", kw_only=True):
    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    timing: Timing | None


class _Choice(msgspec.Struct, tag="choice", kw_only=True):
    logprobs: tuple[float, ...]
    tokens: tuple[int, ...]


class _Failure(msgspec.Struct, tag="failure", kw_only=True):
    kind: FailureKind
    message: str


class _Line(msgspec.Struct, kw_only=True):
    run_id: str
    item_id: str
    cluster: str
    outcome: _Response | _Choice | _Failure
    scores: dict[str, Score]
    prompt_digest: str
    example_ids: tuple[str, ...]


_ENCODER = msgspec.json.Encoder()
_LINES = msgspec.json.Decoder(_Line)


def encode_result(result: ItemResult) -> bytes:
    """Return `result` as one line of JSON, newline included.

    Raises `JournalError` for a number that is not finite, which JSON cannot hold.
    """
    if not isinstance(result.outcome, Response) or result.outcome.timing is not None:
        _require_finite(result)
    scores = result.scores
    line = _Line(
        run_id=result.run_id,
        item_id=result.item_id,
        cluster=result.cluster,
        outcome=_pack(result.outcome),
        scores=scores if isinstance(scores, dict) else dict(scores),
        prompt_digest=result.prompt_digest,
        example_ids=result.example_ids,
    )
    try:
        return _ENCODER.encode(line) + b"\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(_plain(msgspec.to_builtins(line))) + b"\n"


def decode_result(line: bytes) -> ItemResult:
    """Return the item result that `line` spells; raise `JournalError` when it spells none."""
    try:
        read = _LINES.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, InvalidComparison) as error:
        raise JournalError(f"not an item result ({error})") from error
    return ItemResult(
        run_id=read.run_id,
        item_id=read.item_id,
        cluster=read.cluster,
        outcome=_unpack(read.outcome),
        scores=read.scores,
        prompt_digest=read.prompt_digest,
        example_ids=read.example_ids,
    )


def encode_answer(answer: Response | ChoiceResponse) -> bytes:
    """Return `answer` as JSON; raise `UnicodeEncodeError` for half a surrogate pair."""
    return msgspec.json.encode(_pack(answer))


def decode_answer(content: bytes) -> Response | ChoiceResponse:
    """Return the answer that `content` spells; raise `JournalError` when it spells none."""
    try:
        answer = _unpack(msgspec.json.decode(content, type=_Response | _Choice))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JournalError(f"not an answer ({error})") from error
    if isinstance(answer, GenerationFailure):
        raise JournalError("not an answer, but a failure")
    return answer


def encode_document(document: GateManifest | GateVerdict | Decision) -> bytes:
    """Return the manifest, verdict or decision as indented JSON that names its format version."""
    fields = _adapters()[type(document)].dump_python(document, mode="json")
    return _indented({"format_version": FORMAT_VERSION, **fields})


def encode_evidence(evidence: Mapping[str, object]) -> bytes:
    """Return free-form evidence as indented JSON, infinite and undefined numbers as words.

    Raises `StoreError` for values that JSON does not have.
    """
    try:
        return _indented(dict(evidence))
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"evidence cannot be written as JSON ({error}): hand over plain values") from error


def decode_document(content: bytes, kind: type[_Document]) -> _Document:
    """Return the `kind` that `content` spells; raise `StoreError` when damaged or too new."""
    from pydantic import ValidationError

    try:
        fields = json.loads(content)
        version = fields["format_version"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise StoreError(f"not a {kind.__name__}: no JSON object with a format_version") from error
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise StoreError(
            f"format version {version!r} is newer than {FORMAT_VERSION}, the newest this program reads: "
            "run `pip install -U weighbridge`"
        )
    try:
        document: _Document = _adapters()[kind].validate_python(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise StoreError(f"not a {kind.__name__}: {where}: {first['msg']}") from error
    return document


def _indented(fields: dict[str, Any]) -> bytes:
    return json.dumps(_plain(fields), indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _pack(outcome: Outcome) -> _Response | _Choice | _Failure:
    match outcome:
        case Response():
            return _Response(
                text=outcome.text,
                finish_reason=outcome.finish_reason,
                prompt_tokens=outcome.prompt_tokens,
                completion_tokens=outcome.completion_tokens,
                timing=outcome.timing,
            )
        case ChoiceResponse():
            return _Choice(logprobs=outcome.logprobs, tokens=outcome.tokens)
        case GenerationFailure():
            return _Failure(kind=outcome.kind, message=outcome.message)
        case _:
            assert_never(outcome)


def _unpack(outcome: _Response | _Choice | _Failure) -> Outcome:
    match outcome:
        case _Response():
            return Response(
                text=outcome.text,
                finish_reason=outcome.finish_reason,
                prompt_tokens=outcome.prompt_tokens,
                completion_tokens=outcome.completion_tokens,
                timing=outcome.timing,
            )
        case _Choice():
            return ChoiceResponse(logprobs=outcome.logprobs, tokens=outcome.tokens)
        case _Failure():
            return GenerationFailure(kind=outcome.kind, message=outcome.message)
        case _:
            assert_never(outcome)


def _require_finite(result: ItemResult) -> None:
    for number in _measured(result.outcome):
        if not math.isfinite(number):
            raise JournalError(
                f"item {result.item_id!r} of run {result.run_id!r} carries the number {number}, which a "
                "journal cannot hold: have the backend report a generation failure instead"
            )


def _measured(outcome: Outcome) -> tuple[float, ...]:
    match outcome:
        case ChoiceResponse():
            return outcome.logprobs
        case Response(timing=Timing() as timing):
            return (timing.ttft_s, timing.e2e_s, timing.tpot_s or 0.0)
        case _:
            return ()


@cache
def _adapters() -> "dict[object, TypeAdapter[Any]]":
    """Build the readers once; it takes a quarter of a second."""
    from pydantic import TypeAdapter

    return {kind: TypeAdapter(kind) for kind in (GateManifest, GateVerdict, Decision)}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Replace what JSON in UTF-8 cannot hold: lone surrogates, and numbers that are not finite."""
    match value:
        case str():
            return speakable(value)
        case float() if not math.isfinite(value):
            return str(value)
        case list() | tuple():
            return [_plain(entry) for entry in value]
        case dict():
            return {_plain(key): _plain(entry) for key, entry in value.items()}
        case _:
            return value
