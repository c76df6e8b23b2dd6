"""What is put on the wire, and what is made of whatever comes back."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.backends.port import GenerationRequest
from harness.backends.wire import (
    MalformedReply,
    chat_body,
    chat_response,
    choice_response,
    echo_body,
    error_message,
)
from harness.domain.prompt import ChoicePrompt, Message, Prompt, Role
from harness.domain.response import ChoiceResponse, FinishReason, Response
from harness.domain.task import Decoding, Json

SCHEMA: dict[str, Json] = {"type": "object"}
PROMPT = Prompt(
    messages=(Message(role=Role.SYSTEM, content="Be brief."), Message(role=Role.USER, content="2 + 2?"))
)
GREEDY_BODY = {
    "model": "m",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}],
    "temperature": 0.0,
    "top_p": 1.0,
    "max_tokens": 8,
    "seed": 7,
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "reply", "schema": SCHEMA, "strict": True}}
CITIES = ChoicePrompt(context="The capital is", continuations=(" Rome", " Paris!"))
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": None}


def request(
    decoding: Decoding, *, timed: bool = False, schema: dict[str, Json] | None = None
) -> GenerationRequest:
    return GenerationRequest(
        prompt=PROMPT, decoding=decoding, seed=7, due_s=100.0, timed=timed, schema=schema
    )


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        (request(Decoding(max_tokens=8)), {}),
        (request(Decoding(max_tokens=8, temperature=0.7, top_p=0.9)), {"temperature": 0.7, "top_p": 0.9}),
        (request(Decoding(max_tokens=8), schema=SCHEMA), {}),
        (request(Decoding(max_tokens=8, constrained=True)), {}),
        (request(Decoding(max_tokens=8, constrained=True), schema=SCHEMA), {"response_format": FORMAT}),
        (
            request(Decoding(max_tokens=8), timed=True),
            {"stream": True, "stream_options": {"include_usage": True}},
        ),
    ],
    ids=["greedy", "sampled", "free", "no schema to constrain by", "constrained", "timed"],
)
def test_a_chat_is_sent_as_its_decoding_says(asked: GenerationRequest, more: dict[str, Any]) -> None:
    assert json.loads(chat_body("m", asked)) == GREEDY_BODY | more


@pytest.mark.parametrize("model", ["m\r\nX-Evil: 1", 'm", "n": "', "m\x00", "modèle"])
def test_a_models_name_stays_inside_its_string(model: str) -> None:
    body = chat_body(model, request(Decoding(max_tokens=8)))
    assert json.loads(body) == GREEDY_BODY | {"model": model}
    assert not {b"\r", b"\n", b"\x00"} & {body[at : at + 1] for at in range(len(body))}


def test_half_a_surrogate_pair_cannot_be_sent() -> None:
    for encode in (
        lambda: chat_body("\ud83d", request(Decoding(max_tokens=8))),
        lambda: echo_body("\ud83d", CITIES),
    ):
        with pytest.raises(UnicodeEncodeError):
            encode()


def test_every_continuation_is_echoed_behind_its_context() -> None:
    assert json.loads(echo_body("m", CITIES)) == {
        "model": "m",
        "prompt": ["The capital is Rome", "The capital is Paris!"],
        "max_tokens": 0,
        "echo": True,
        "logprobs": 0,
        "temperature": 0,
    }


def chat(*, message: object = None, finish: object = "stop", usage: object = USAGE) -> dict[str, Any]:
    said = {"role": "assistant", "content": "4"} if message is None else message
    return {"choices": [{"index": 0, "message": said, "finish_reason": finish}], "usage": usage}


@pytest.mark.parametrize(
    ("reply", "text", "finish"),
    [
        (chat(), "4", FinishReason.STOP),
        (chat(finish="length"), "4", FinishReason.LENGTH),
        (chat(message={"content": None}), "", FinishReason.STOP),
        (chat(message={"content": "é\n\u2028"}), "é\n\u2028", FinishReason.STOP),
    ],
    ids=["stopped", "cut", "nothing said", "odd characters"],
)
def test_a_chat_completion_becomes_a_response(reply: dict[str, Any], text: str, finish: FinishReason) -> None:
    assert chat_response(json.dumps(reply).encode()) == Response(
        text=text, finish_reason=finish, prompt_tokens=9, completion_tokens=3
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"5",
        b'"choices"',
        b"[]",
        b"{}",
        b"<html>Bad gateway</html>",
        b'{"choices": "\xff"}',
        b"[" * 100_000,
        b'{"choices": []}',
        b'{"choices": {}}',
        b'{"choices": [null], "usage": null}',
        json.dumps(chat())[:-20].encode(),
        json.dumps(chat(message="4")).encode(),
        json.dumps(chat(message={})).encode()[:-1],
        json.dumps(chat(message={"content": 4})).encode(),
        json.dumps(chat(message={"content": [{"type": "text", "text": "4"}]})).encode(),
        json.dumps(chat(finish=None)).encode(),
        json.dumps(chat(finish=["stop"])).encode(),
        json.dumps(chat(finish="content_filter")).encode(),
        json.dumps(chat(usage=None)).encode(),
        json.dumps(chat(usage={"prompt_tokens": 9})).encode(),
        json.dumps(chat(usage={"prompt_tokens": 9, "completion_tokens": "3"})).encode(),
    ],
    ids=range(23),
)
def test_anything_else_is_a_malformed_chat(raw: bytes) -> None:
    with pytest.raises(MalformedReply):
        chat_response(raw)


def test_a_malformed_reply_is_quoted_from_its_start() -> None:
    with pytest.raises(MalformedReply) as caught:
        chat_response(b"<html>" + b"x" * 1000)
    assert str(caught.value).startswith("not a reply (DecodeError: JSON is malformed: ")
    assert str(caught.value).endswith(": '<html>" + "x" * 74 + "'")


def test_a_finish_nobody_knows_is_named() -> None:
    with pytest.raises(MalformedReply, match=r"^the server ended the reply with 'content_filter'$"):
        chat_response(json.dumps(chat(finish="content_filter")).encode())


def echoed(index: int, tokens: Sequence[str], logprobs: Sequence[Any]) -> dict[str, Any]:
    """One choice of an echoed completion, its offsets counted as vLLM counts them."""
    offsets = [sum(map(len, tokens[:at])) for at in range(len(tokens))]
    weighed = {"tokens": tokens, "token_logprobs": logprobs, "text_offset": offsets}
    return {"index": index, "text": "".join(tokens), "logprobs": weighed}


def raw_choices(*choices: dict[str, Any]) -> bytes:
    return json.dumps({"choices": choices}).encode()


ROME = echoed(0, ["The", " capital", " is", " Rome"], [None, -1.0, -2.0, -0.5])
PARIS = echoed(1, ["The", " capital", " is", " Par", "is", "!"], [None, -1.0, -2.0, -0.25, -0.5, -1.25])
WEIGHED = ChoiceResponse(logprobs=(-0.5, -2.0), tokens=(1, 3))


@pytest.mark.parametrize("choices", [(ROME, PARIS), (PARIS, ROME)], ids=["in order", "out of order"])
def test_only_the_continuations_tokens_are_summed(choices: tuple[dict[str, Any], ...]) -> None:
    assert choice_response(CITIES, raw_choices(*choices)) == WEIGHED


def test_a_start_of_text_token_does_not_shift_the_split() -> None:
    start = "<|begin_of_text|>"
    rome = echoed(0, [start, "The", " capital", " is", " Rome"], [None, -3.0, -1.0, -2.0, -0.5])
    paris = echoed(
        1, [start, "The", " capital", " is", " Par", "is", "!"], [None, -3.0, -1.0, -2.0, -0.25, -0.5, -1.25]
    )
    assert choice_response(CITIES, raw_choices(rome, paris)) == WEIGHED


def test_a_token_that_straddles_the_split_belongs_to_the_context() -> None:
    prompt = ChoicePrompt(context="un", continuations=("believable",))
    raw = raw_choices(echoed(0, ["unb", "elie", "vable"], [None, -1.0, -2.0]))
    assert choice_response(prompt, raw) == ChoiceResponse(logprobs=(-3.0,), tokens=(2,))


def test_tokens_that_are_parts_of_one_character_belong_to_it() -> None:
    prompt = ChoicePrompt(context="So 🙂", continuations=("🙃",))
    raw = raw_choices(echoed(0, ["So", " ", "", "🙂", "", "", "🙃"], [None, -9, -9, -9, -1, -2, -4]))
    assert choice_response(prompt, raw) == ChoiceResponse(logprobs=(-7.0,), tokens=(3,))


@pytest.mark.parametrize(
    "raw",
    [
        raw_choices(),
        raw_choices(ROME),
        raw_choices(ROME, PARIS, PARIS),
        raw_choices(ROME, echoed(1, ["The", " capital", " is Paris!"], [None, -1.0, -2.0])),
    ],
    ids=["none", "too few", "too many", "no token begins in it"],
)
def test_a_continuation_that_was_not_weighed_is_malformed(raw: bytes) -> None:
    with pytest.raises(
        MalformedReply, match=r"^the server echoed no log-probabilities for some continuation$"
    ):
        choice_response(CITIES, raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[1]",
        b"{}",
        b'{"choices": null}',
        b'{"choices": [1, 2]}',
        b'{"choices": "\xff"}',
        b"[" * 100_000,
        raw_choices(ROME, PARIS)[:-9],
        raw_choices({"index": 0, "logprobs": None}, PARIS),
        raw_choices({"logprobs": ROME["logprobs"]}, PARIS),
        raw_choices(ROME, PARIS | {"index": "1"}),
        raw_choices(echoed(0, [], []), PARIS),
        raw_choices(echoed(0, ["The capital is", " Rome"], [None]), PARIS),
        raw_choices(echoed(0, ["The capital is", " Rome"], [None, None]), PARIS),
        raw_choices(echoed(0, ["The capital is", " Rome"], [None, "-1"]), PARIS),
    ],
    ids=range(15),
)
def test_anything_else_is_a_malformed_weighing(raw: bytes) -> None:
    with pytest.raises(MalformedReply, match=r"^not a reply "):
        choice_response(CITIES, raw)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"error": {"message": " too long ", "code": 400}}', "too long"),
        ('{"error": "too long"}', "too long"),
        ('{"error": {"code": 400}}', '{"error": {"code": 400}}'),
        ('{"detail": "Not Found"}', '{"detail": "Not Found"}'),
        ("[]", "[]"),
        ("Bad gateway\n", "Bad gateway"),
        ("", ""),
        ("[" * 100_000, "[" * 300),
        ("x" * 1000, "x" * 300),
    ],
    ids=range(9),
)
def test_an_error_body_is_told_in_short(body: str, shown: str) -> None:
    assert error_message(body) == shown


@given(st.binary(max_size=200) | st.recursive(st.none(), st.lists).map(repr).map(str.encode))
def test_no_bytes_do_worse_than_being_malformed(raw: bytes) -> None:
    for read in (chat_response, lambda raw: choice_response(CITIES, raw)):
        with pytest.raises(MalformedReply):
            read(raw)
