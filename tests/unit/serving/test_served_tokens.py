"""A server that does not tell its tokens is told of in a sentence."""

import pytest

from harness import Endpoint, Message, Role, ServingError
from serving.served_tokens import served_ids, served_logprobs
from tests.fakes.openai_server import FakeServer

_ASKED = (Message(role=Role.USER, content="What is 1 + 1?"),)


def test_a_server_without_a_tokenize_path_cannot_be_compared(server: FakeServer) -> None:
    endpoint = Endpoint(url=f"{server.root_url}/v1", model="good")
    with pytest.raises(
        ServingError, match=r"model 'good' \(HTTP Error 404: .+\): parity needs a vLLM server"
    ):
        served_ids(endpoint, _ASKED, ask=True)


def test_a_server_that_does_not_answer_cannot_be_compared() -> None:
    nowhere = Endpoint(url="http://127.0.0.1:9/v1", model="m")
    with pytest.raises(ServingError, match="gave no log-probabilities of tokens for model 'm'"):
        served_logprobs(nowhere, [1, 2, 3])


def test_fewer_log_probabilities_than_tokens_are_refused(server: FakeServer) -> None:
    endpoint = Endpoint(url=f"{server.root_url}/v1", model="good")
    with pytest.raises(ServingError, match="gave no log-probabilities of tokens"):
        served_logprobs(endpoint, list(range(500)))
