import dataclasses
import json

import pytest
from msgspec import structs

from harness.domain.manifest import FORMAT_VERSION, GateManifest
from harness.domain.response import (
    ChoiceResponse,
    FinishReason,
    GenerationFailure,
    Response,
    Timing,
)
from harness.domain.run import ItemResult
from harness.domain.verdict import GateVerdict
from harness.errors import JournalError, StoreError
from harness.store import codec
from harness.store.codec import decode_document, decode_result, encode_document, encode_result


def reply(text: str, timing: Timing | None = None) -> ItemResult:
    return ItemResult(
        run_id="r",
        item_id="i",
        cluster="c",
        outcome=Response(
            text=text, finish_reason=FinishReason.LENGTH, prompt_tokens=1, completion_tokens=2, timing=timing
        ),
    )


def test_every_outcome_comes_back_exactly(results: tuple[ItemResult, ...]) -> None:
    assert tuple(decode_result(encode_result(result)) for result in results) == results


def test_outcomes_are_tagged_by_type(results: tuple[ItemResult, ...]) -> None:
    tags = [json.loads(encode_result(result))["outcome"]["type"] for result in results]
    assert tags == ["response", "choice", "failure"]


@pytest.mark.parametrize(
    ("wire", "noun"),
    [
        (codec._Line, ItemResult),  # noqa: SLF001 - the two must not drift apart
        (codec._Response, Response),  # noqa: SLF001
        (codec._Choice, ChoiceResponse),  # noqa: SLF001
        (codec._Failure, GenerationFailure),  # noqa: SLF001
    ],
)
def test_a_journal_line_has_every_field_of_its_noun(wire: type, noun: type) -> None:
    assert set(wire.__annotations__) == set(noun.__annotations__)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J\x1b]0;owned\x07",
        "a\x00b",
        "\u202egnp.exe",
        "line\nbreak\r\u2028\u2029\x85",
        "\ufffe\U0010ffff👩‍🔬",
        "x" * 1_000_000,
        "",
    ],
)
def test_hostile_text_comes_back_exactly_on_one_line(text: str) -> None:
    line = encode_result(reply(text))
    assert line.count(b"\n") == 1
    assert decode_result(line) == reply(text)


@pytest.mark.parametrize(
    ("text", "kept"), [("a\ud800b", "a\ufffdb"), ("\udfff", "\ufffd"), ("\ud83d\ude00", "\U0001f600")]
)
def test_a_lone_surrogate_becomes_the_replacement_character(text: str, kept: str) -> None:
    assert decode_result(encode_result(reply(text))) == reply(kept)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_is_not_finite_is_refused_by_name(number: float) -> None:
    choice = structs.replace(reply(""), outcome=ChoiceResponse(logprobs=(0.0, number), tokens=(1, 1)))
    timed = reply("", Timing(ttft_s=0.1, e2e_s=0.2, tpot_s=number))
    for result in (choice, timed):
        with pytest.raises(JournalError, match=f"item 'i' of run 'r' carries the number {number}"):
            encode_result(result)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        b'"\\ud800"',
        b'{"run_id": 1}',
        encode_result(reply("")).replace(b'"response"', b'"rumour"'),
        encode_result(reply("")).replace(b'"scores":{}', b'"scores":{"m":{"value":2.0}}'),
    ],
)
def test_what_is_no_item_result_is_refused(line: bytes) -> None:
    with pytest.raises(JournalError, match=r"not an item result"):
        decode_result(line)


def test_manifests_and_verdicts_come_back_exactly(manifest: GateManifest, verdict: GateVerdict) -> None:
    assert decode_document(encode_document(manifest), GateManifest) == manifest
    assert decode_document(encode_document(verdict), GateVerdict) == verdict


def test_the_day_of_a_waiver_is_written_as_iso_8601(verdict: GateVerdict) -> None:
    verdicts = json.loads(encode_document(verdict))["verdicts"]
    assert [each["waiver"] and each["waiver"]["until"] for each in verdicts] == [None, "2027-01-31", None]


def test_documents_are_json_that_any_tool_reads(verdict: GateVerdict) -> None:
    document = json.loads(encode_document(verdict), parse_constant=pytest.fail)
    assert document["format_version"] == FORMAT_VERSION


def test_a_lone_surrogate_in_a_document_becomes_the_replacement_character(manifest: GateManifest) -> None:
    odd = dataclasses.replace(manifest, environment={"user": "\udcff"})
    assert decode_document(encode_document(odd), GateManifest).environment == {"user": "\ufffd"}


def test_a_newer_format_names_the_command_that_upgrades(manifest: GateManifest) -> None:
    newer = encode_document(dataclasses.replace(manifest, format_version=FORMAT_VERSION + 1))
    told = (
        rf"format version {FORMAT_VERSION + 1} is newer than {FORMAT_VERSION},.*`pip install -U weighbridge`"
    )
    with pytest.raises(StoreError, match=told):
        decode_document(newer, GateManifest)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b'{"gate_id": "x"}', b"\xff", b"[" * 100_000, b'{"format_version": 1}'],
)
def test_a_damaged_document_is_refused(content: bytes) -> None:
    with pytest.raises(StoreError, match=r"not a GateManifest"):
        decode_document(content, GateManifest)
