"""What a stream of any cut becomes: its text, when its tokens came, or why it is no reply."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.backends.chat_stream import StreamTrace, read_stream
from harness.backends.wire import MalformedReply
from harness.domain.response import FinishReason, Response, Timing

USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": None}


def event(content: str | None = None, *, finish: str | None = None, **delta: str) -> dict[str, Any]:
    said = delta if content is None else {"content": content, **delta}
    return {"choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def spent(tokens: int) -> dict[str, Any]:
    return {"choices": [], "usage": USAGE | {"completion_tokens": tokens}}


ROLE = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
LAST: dict[str, Any] = {"choices": [], "usage": USAGE}
EVENTS = (ROLE, event("Fünf"), event(" und"), event("", finish="stop"), LAST)


def sse(*events: object, end: str = "data: [DONE]\n\n") -> bytes:
    lines = "".join(f"data: {json.dumps(each, ensure_ascii=False)}\n\n" for each in events)
    return (lines + end).encode()


def reads(chunks: Sequence[bytes]) -> list[tuple[float, bytes]]:
    """Chunks that came a second apart, the first a second after the request was due, at 100."""
    return [(100.0 + seconds, chunk) for seconds, chunk in enumerate(chunks, start=1)]


def streamed(chunks: Sequence[bytes]) -> Response:
    return read_stream(reads(chunks)).response(100.0)


def traced(events: Sequence[object]) -> StreamTrace:
    chat = read_stream(reads([sse(each, end="") for each in events]))
    return chat.trace(due_s=100.0, sent_s=100.25, attempts=2)


def test_events_that_come_one_by_one_are_timed_from_when_they_were_due() -> None:
    assert streamed([sse(each, end="") for each in EVENTS]) == Response(
        text="Fünf und",
        finish_reason=FinishReason.STOP,
        prompt_tokens=9,
        completion_tokens=3,
        timing=Timing(ttft_s=2.0, e2e_s=4.0, tpot_s=1.0),
    )


@pytest.mark.parametrize(
    ("events", "timing"),
    [
        ((ROLE, event(""), event("4", finish="stop"), LAST), Timing(ttft_s=3.0, e2e_s=3.0, tpot_s=0.0)),
        ((event("4"), event(finish="stop"), LAST), Timing(ttft_s=1.0, e2e_s=2.0, tpot_s=0.5)),
        ((event("4"), event("5"), event(finish="stop"), spent(2)), Timing(ttft_s=1, e2e_s=2, tpot_s=1)),
        ((event("4"), event("5"), event(finish="stop"), spent(3)), Timing(ttft_s=1, e2e_s=3, tpot_s=1)),
        ((ROLE, event(finish="stop"), LAST), Timing(ttft_s=2.0, e2e_s=2.0, tpot_s=0.0)),
        ((ROLE, event(finish="stop"), spent(0)), Timing(ttft_s=2.0, e2e_s=2.0, tpot_s=None)),
        ((event("4"), event("5", finish="length") | {"usage": USAGE}), Timing(ttft_s=1, e2e_s=2, tpot_s=0.5)),
        ((event("4", finish="stop"), spent(1)), Timing(ttft_s=1.0, e2e_s=1.0, tpot_s=None)),
        (
            (ROLE, event(reasoning="so"), event("4"), event(finish="stop"), spent(3)),
            Timing(ttft_s=2.0, e2e_s=4.0, tpot_s=1.0),
        ),
        (
            (ROLE, event("", reasoning_content="so"), event("4", finish="stop"), spent(2)),
            Timing(ttft_s=2.0, e2e_s=3.0, tpot_s=1.0),
        ),
    ],
    ids=[
        "empty deltas first",
        "end of turn is a token",
        "reason alone after the last token",
        "reason alone for the end of turn",
        "no content at all",
        "no token at all",
        "usage beside it",
        "one token",
        "reasoning first",
        "reasoning under its older name",
    ],
)
def test_waiting_ends_with_the_first_text_and_the_reply_with_its_last_token(
    events: tuple[Any, ...], timing: Timing
) -> None:
    assert streamed([sse(each, end="") for each in events]).timing == timing


def test_reasoning_is_no_part_of_the_reply() -> None:
    reply = streamed([sse(event(reasoning="because"), event("4"), event(finish="stop"), LAST)])
    assert reply.text == "4"


def test_a_trace_keeps_every_token_and_leaves_out_the_role_and_the_usage() -> None:
    trace = traced(EVENTS)
    assert trace == StreamTrace(
        due_s=100.0,
        sent_s=100.25,
        token_s=(102.0, 103.0, 104.0),
        first_at=0,
        completion_tokens=3,
        attempts=2,
    )
    assert (trace.gaps_s, trace.coalesced) == ((1.0, 1.0), 0)


def test_a_trace_without_text_has_no_first_one() -> None:
    assert traced((ROLE, event(finish="stop"), spent(1))).first_at is None


@pytest.mark.parametrize(
    ("chunks", "coalesced"),
    [
        ([sse(*EVENTS)], 2),
        ([sse(*EVENTS[:2], end=""), sse(*EVENTS[2:4], end=""), sse(LAST)], 1),
        ([sse(ROLE, event("4"), end="")[:-30], sse(event("4"), end="")[-30:] + sse(*EVENTS[2:])], 2),
        ([sse(*EVENTS[:2], end=""), sse(EVENTS[2], end=""), sse(*EVENTS[3:])], 0),
    ],
    ids=["all in one read", "two in one read", "one completed beside others", "one a read"],
)
def test_tokens_that_came_in_one_read_are_counted(chunks: list[bytes], coalesced: int) -> None:
    trace = read_stream(reads(chunks)).trace(due_s=0.0, sent_s=0.0, attempts=1)
    assert trace.coalesced == coalesced == sum(gap == 0.0 for gap in trace.gaps_s)


PLAIN = sse(*EVENTS)


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b"data: ", b"data:"),
        PLAIN.replace(b"data: ", b": ping\n\nevent: message\nid: 4\nretry: 9\ndata: "),
        sse(*EVENTS, end=""),
        sse(*EVENTS, end="data: [DONE]"),
        sse(*EVENTS, end="data: [DONE]\n\ndata: junk\n\n"),
        sse(*EVENTS[:-1], event() | {"usage": None}, {"error": None, **LAST}),
    ],
    ids=["plain", "CRLF", "no blank", "comments and fields", "no DONE", "no last line end", "more", "nulls"],
)
def test_a_stream_is_the_same_reply_wherever_it_is_cut(raw: bytes) -> None:
    for at in range(len(raw)):
        cut = streamed([raw[:at], raw[at:]])
        assert (cut.text, cut.finish_reason, cut.prompt_tokens, cut.completion_tokens) == (
            "Fünf und",
            FinishReason.STOP,
            9,
            3,
        )


def test_a_stream_may_come_byte_by_byte() -> None:
    raw = PLAIN.replace(b"\n", b"\r\n")
    reply = streamed([raw[at : at + 1] for at in range(len(raw))])
    first_content = raw.index("Fünf".encode())
    assert reply.text == "Fünf und"
    assert reply.timing is not None
    assert reply.timing.ttft_s == raw.index(b"\r", first_content) + 1


@given(
    contents=st.lists(st.text(max_size=5), max_size=6),
    cuts=st.lists(st.integers(0, 2000), max_size=12),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
)
def test_text_survives_any_cuts_and_waiting_never_outlasts_the_reply(
    contents: list[str], cuts: list[int], line_end: bytes
) -> None:
    raw = sse(ROLE, *map(event, contents), event(finish="stop"), LAST).replace(b"\n", line_end)
    edges = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    reply = streamed([raw[a:b] for a, b in pairwise(edges)])
    assert reply.text == "".join(contents)
    assert reply.timing is not None
    assert 1 <= reply.timing.ttft_s <= reply.timing.e2e_s <= len(edges)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"data: [DONE]\n\n",
        b'{"choices": []}',
        sse(ROLE, event("4")),
        sse(*EVENTS[:-1]),
        sse(ROLE, event("4"), LAST),
        sse(*EVENTS[:-1], {"choices": [], "usage": {}}),
    ],
    ids=["nothing", "only DONE", "no stream", "cut short", "no usage", "no finish", "empty usage"],
)
def test_a_stream_that_broke_off_is_no_reply(raw: bytes) -> None:
    with pytest.raises(MalformedReply, match=r"^the stream ended before the reply did$"):
        streamed([raw])


@pytest.mark.parametrize(
    "error",
    [{"message": "engine is dead", "code": 500}, "engine is dead"],
    ids=["object", "text"],
)
def test_an_error_inside_a_stream_is_told(error: object) -> None:
    with pytest.raises(MalformedReply, match=r"^the stream carried an error: engine is dead$"):
        streamed([sse(ROLE, event("4"), {"error": error})])


@pytest.mark.parametrize(
    "line",
    [
        b'data: {"choices"',
        b"data: 5",
        b"data: []",
        b'data: "error"',
        b"data: null",
        b"data:",
        b"data: {}",
        b'data: {"choices": "\xff"}',
        b'data: {"choices": [{"delta": {"content": "\xff"}}]}',
        b"data: " + b"[" * 100_000,
        b'data: {"choices": [{}]}',
        b'data: {"choices": [{"delta": null}]}',
        b'data: {"choices": [{"delta": {"content": 4}}]}',
        b'data: {"choices": [], "usage": 5}',
        b'data: {"choices": [], "usage": {"prompt_tokens": 9}}',
        b'data: {"choices": [], "usage": {"prompt_tokens": "9", "completion_tokens": 3}}',
    ],
    ids=range(16),
)
def test_an_event_of_another_shape_is_malformed(line: bytes) -> None:
    with pytest.raises(MalformedReply, match=r"^not a reply "):
        streamed([sse(ROLE, event("4"), end=""), line + b"\n\n", sse(*EVENTS)])


def test_a_stream_with_a_finish_nobody_knows_is_malformed() -> None:
    with pytest.raises(MalformedReply, match=r"^the server ended the reply with 'tool_calls'$"):
        streamed([sse(event("4", finish="tool_calls"), LAST)])


@given(st.binary(max_size=200) | st.recursive(st.none(), st.lists).map(repr).map(str.encode))
def test_no_bytes_do_worse_than_being_malformed(raw: bytes) -> None:
    for cut in ([raw], [b"data: " + raw + b"\n\n"]):
        with pytest.raises(MalformedReply):
            streamed(cut)
