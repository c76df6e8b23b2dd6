"""A server proves what it holds by the log-probabilities of fixed prompts."""

import json
import math
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Checkpoint, Endpoint, ServingError
from serving.fingerprint import TOLERANCE, distance, fingerprint, prove

DIGEST = "0123456789abcdef" * 4
CHECKPOINT = Checkpoint(label="smol@v2", digest=DIGEST, weights=Path("/m"))
ENGINE = "vllm 0.33.0"


def choices(*logprobs: list[float | None]) -> list[dict[str, Any]]:
    return [{"index": at, "logprobs": {"token_logprobs": each}} for at, each in enumerate(logprobs)]


HELD = choices([None, -1.0, -2.0], [None, -3.0], [None, -4.0])


@dataclass
class Completions:
    """A server of completions: what it answers, and the requests it had."""

    choices: object = field(default_factory=lambda: HELD)
    raw: bytes | None = None
    status: int = 200
    requests: list[tuple[str, Any]] = field(default_factory=list)
    port: int = 0

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(url=f"http://127.0.0.1:{self.port}/v1", model="m")

    def body(self) -> bytes:
        return json.dumps({"choices": self.choices}).encode() if self.raw is None else self.raw


@pytest.fixture
def server() -> Iterator[Completions]:
    told = Completions()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            told.requests.append((self.path, json.loads(self.rfile.read(length))))
            self.send_response(told.status)
            self.end_headers()
            self.wfile.write(told.body())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        told.port = http.server_port
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        http.shutdown()
        thread.join()


def test_a_fingerprint_is_every_logprob_after_the_first_token_in_order(server: Completions) -> None:
    assert fingerprint(server.endpoint) == (-1.0, -2.0, -3.0, -4.0)
    server.choices = HELD[::-1]
    assert fingerprint(server.endpoint) == (-1.0, -2.0, -3.0, -4.0)


def test_three_fixed_prompts_are_echoed_and_nothing_is_generated(server: Completions) -> None:
    fingerprint(server.endpoint)
    ((path, body),) = server.requests
    assert path == "/v1/completions"
    assert len(body.pop("prompt")) == 3
    assert body == {"model": "m", "max_tokens": 0, "echo": True, "logprobs": 0, "temperature": 0}


def test_a_server_is_asked_without_the_proxies_of_the_environment(
    server: Completions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert len(fingerprint(server.endpoint)) == 4


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"5",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [1, 2]}',
        b'{"choices": "\xff"}',
        json.dumps({"choices": [{"index": 0}]}).encode(),
        json.dumps({"choices": [{"index": 0, "logprobs": None}]}).encode(),
        json.dumps({"choices": choices([None], [None])}).encode(),
        json.dumps({"choices": choices([None, math.nan])}).encode(),
        json.dumps({"choices": choices([None, -math.inf])}).encode(),
        json.dumps({"choices": [{"index": 0, "logprobs": {"token_logprobs": ["one"]}}]}).encode(),
    ],
    ids=range(14),
)
def test_a_reply_without_logprobs_proves_nothing(server: Completions, raw: bytes, tmp_path: Path) -> None:
    server.raw = raw
    with pytest.raises(ServingError, match="gave no log-probabilities for model 'm' "):
        prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_refuses_is_told_by_its_status(server: Completions) -> None:
    server.status = 404
    with pytest.raises(ServingError) as caught:
        fingerprint(server.endpoint)
    assert str(caught.value) == (
        f"{server.endpoint.url} gave no log-probabilities for model 'm' (HTTP Error 404: Not Found): check "
        "the address and the name after '#', and that the server supports echo with logprobs"
    )


def test_a_server_that_is_not_there_is_told_by_its_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(ServingError) as caught:
            fingerprint(Endpoint(url=url, model="m"))
    assert str(caught.value) == (
        f"{url} gave no log-probabilities for model 'm' (<urlopen error [Errno 111] Connection refused>): "
        "check the address and the name after '#', and that the server supports echo with logprobs"
    )


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.fingerprint._PATIENCE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ServingError, match=r"gave no log-probabilities for model 'm' \(.*timed out.*\)"):
            fingerprint(Endpoint(url=url, model="m"))


def test_what_speaks_no_http_gives_no_logprobs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as odd:
        url = f"http://127.0.0.1:{odd.getsockname()[1]}/v1"

        def speak() -> None:
            connection, _ = odd.accept()
            with connection:
                connection.sendall(b"220 ready for mail\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass

        thread = Thread(target=speak)
        thread.start()
        with pytest.raises(ServingError, match="220 ready for mail"):
            fingerprint(Endpoint(url=url, model="m"))
        thread.join()


def test_the_first_proof_is_remembered_by_digest_and_engine(server: Completions, tmp_path: Path) -> None:
    seen = prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)
    assert seen == (-1.0, -2.0, -3.0, -4.0)
    (memory,) = (tmp_path / "fingerprints").iterdir()
    assert memory.name == f"{DIGEST}-vllm-0.33.0.json"
    assert json.loads(memory.read_text()) == [-1.0, -2.0, -3.0, -4.0]


def test_a_later_proof_may_differ_by_what_kernels_do_and_is_not_remembered(
    server: Completions, tmp_path: Path
) -> None:
    prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)
    (memory,) = (tmp_path / "fingerprints").iterdir()
    before = memory.read_bytes()
    server.choices = choices([None, -1.4, -2.0], [None, -3.0], [None, -4.1])
    assert prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE) == (-1.4, -2.0, -3.0, -4.1)
    assert memory.read_bytes() == before


def test_another_model_under_the_same_digest_is_found_out(server: Completions, tmp_path: Path) -> None:
    prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)
    server.choices = choices([None, -1.5, -2.5], [None, -3.0], [None, -4.0])
    with pytest.raises(ServingError) as caught:
        prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)
    assert str(caught.value) == (
        f"the server at {server.endpoint.url} does not hold what smol@v2 is: its log-probabilities differ "
        "by 0.25 nats a token from those of digest 0123456789ab; restart the server, or delete "
        f"{tmp_path}/fingerprints/{DIGEST}-vllm-0.33.0.json if the endpoint was changed on purpose"
    )


def test_another_tokenizer_is_found_out(server: Completions, tmp_path: Path) -> None:
    prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)
    server.choices = choices([None, -1.0, -2.0, -3.0, -4.0, -5.0])
    with pytest.raises(ServingError, match="differ by inf nats a token"):
        prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)


def test_another_engine_has_a_memory_of_its_own(server: Completions, tmp_path: Path) -> None:
    prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine=ENGINE)
    server.choices = choices([None, -9.0])
    assert prove(CHECKPOINT, server.endpoint, cache=tmp_path, engine="vllm 0.34.0") == (-9.0,)


@pytest.mark.parametrize(
    ("one", "other", "nats"),
    [
        ((-1.0, -2.0), (-1.0, -2.0), 0.0),
        ((-1.0, -2.0), (-2.0, -1.0), 1.0),
        ((-1.0,), (-1.5,), 0.5),
        ((-1.0,), (-1.0, -2.0), math.inf),
        ((), (), math.inf),
    ],
)
def test_distance_is_the_mean_difference_a_token(
    one: tuple[float, ...], other: tuple[float, ...], nats: float
) -> None:
    assert distance(one, other) == nats


@given(st.lists(st.tuples(st.floats(-50, 0), st.floats(-50, 0)), min_size=1), st.floats(0, TOLERANCE))
def test_distance_has_no_side_and_a_common_shift_is_its_size(
    pairs: list[tuple[float, float]], shift: float
) -> None:
    one, other = (tuple(side) for side in zip(*pairs, strict=True))
    assert distance(one, other) == distance(other, one) >= 0
    assert distance(one, tuple(p - shift for p in one)) == pytest.approx(shift, abs=1e-12)
