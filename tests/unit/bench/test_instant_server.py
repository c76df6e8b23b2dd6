import asyncio
import json
import time
from types import SimpleNamespace
from typing import cast

import httptools
import pytest

from bench.framing import answer
from bench.instant_server import REPLY, InstantServer, chat_answer, echoed
from bench.stamps import read_stamps
from harness.backends import wire
from harness.backends.chat_stream import read_stream
from harness.domain.prompt import ChoicePrompt


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True


def asked(path: str, body: object, *, times: int = 1) -> Wire:
    wire_, server = Wire(), InstantServer(chat_answer())
    server.connection_made(cast("asyncio.Transport", wire_))
    sent = json.dumps(body).encode()
    server.data_received(
        (f"POST {path} HTTP/1.1\r\nContent-Length: {len(sent)}\r\n\r\n".encode() + sent) * times
    )
    return wire_


def body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


def test_a_chat_is_one_the_client_understands() -> None:
    reply = wire.chat_response(body(asked("/v1/chat/completions", {"messages": []}).written))
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens) == (REPLY, 40, 7)


def test_a_streamed_chat_is_one_token_that_says_when_the_request_was_whole() -> None:
    before_ns = time.monotonic_ns()
    raw = asked("/v1/chat/completions", {"stream": True}).written
    parts: list[bytes] = []
    parser = httptools.HttpResponseParser(SimpleNamespace(on_body=parts.append))
    parser.feed_data(raw)
    chat = read_stream([(0.0, b"".join(parts))])
    assert chat.completion_tokens == len(chat.token_s) == 1
    assert before_ns <= read_stamps(chat.text).received_ns <= time.monotonic_ns()


def test_each_pipelined_request_gets_its_answer() -> None:
    assert asked("/v1/chat/completions", {}, times=3).written == chat_answer() * 3


def test_echoed_prompts_weigh_their_continuations() -> None:
    prompt = ChoicePrompt(context="The sky is", continuations=(" blue", " not so blue"))
    raw = asked("/v1/completions", json.loads(wire.echo_body("m", prompt))).written
    weighed = wire.choice_response(prompt, body(raw))
    assert (weighed.tokens, weighed.logprobs) == ((1, 3), (-0.5, -1.5))


def test_offsets_of_an_echo_point_at_its_tokens() -> None:
    prompt = "  two  words, and more"
    found = echoed(prompt)
    for token, offset in zip(found["tokens"], found["text_offset"], strict=True):
        assert prompt[offset:].startswith(token)
    assert found["token_logprobs"][0] is None
    assert len(found["token_logprobs"]) == len(found["tokens"])


@pytest.mark.parametrize(
    ("path", "asked_for", "status"),
    [
        ("/v1/completions", {"no": "prompt"}, b"400"),
        ("/elsewhere", {}, b"404"),
    ],
)
def test_what_it_cannot_do_is_refused_in_words(path: str, asked_for: object, status: bytes) -> None:
    raw = asked(path, asked_for).written
    assert raw.split()[1] == status
    assert json.loads(body(raw))["error"]["message"]


def test_a_connection_that_speaks_no_http_is_closed() -> None:
    wire_, server = Wire(), InstantServer(answer("200 OK", b""))
    server.connection_made(cast("asyncio.Transport", wire_))
    server.data_received(b"hello\r\n\r\n")
    assert wire_.closed
