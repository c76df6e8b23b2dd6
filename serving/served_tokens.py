"""Asks a vLLM server which tokens it makes of messages, and how likely it finds given tokens."""

import http.client
import json
import math
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from harness import Endpoint, Message, ServingError

_PATIENCE_S = 300


def served_ids(endpoint: Endpoint, messages: Sequence[Message], *, ask: bool) -> tuple[int, ...]:
    """Return the token ids the server renders `messages` to; with `ask`, a reply is begun.

    Raises `ServingError` for a server that has no `/tokenize`, as only vLLM has.
    """
    body = {
        "model": endpoint.model,
        "messages": [{"role": str(turn.role), "content": turn.content} for turn in messages],
        "add_generation_prompt": ask,
    }
    try:
        return tuple(
            int(token) for token in _post(f"{endpoint.url.removesuffix('/v1')}/tokenize", body)["tokens"]
        )
    except (OSError, http.client.HTTPException, LookupError, TypeError, ValueError) as error:
        raise ServingError(
            f"{endpoint.url} does not say how it renders prompts of model {endpoint.model!r} ({error}): "
            "parity needs a vLLM server, whose /tokenize says so, or --no-server"
        ) from error


def served_logprobs(endpoint: Endpoint, ids: Sequence[int]) -> tuple[float, ...]:
    """Return the natural-log probability the server gives to every token after the first.

    Raises `ServingError` for a server that does not tell.
    """
    body = {
        "model": endpoint.model,
        "prompt": list(ids),
        "max_tokens": 0,
        "echo": True,
        "logprobs": 0,
        "temperature": 0,
    }
    try:
        told = _post(f"{endpoint.url}/completions", body)["choices"][0]["logprobs"]["token_logprobs"]
        return _checked(tuple(float(each) for each in told[1:]), len(ids) - 1)
    except (OSError, http.client.HTTPException, LookupError, TypeError, ValueError) as error:
        raise ServingError(
            f"{endpoint.url} gave no log-probabilities of tokens for model {endpoint.model!r} ({error}): "
            "parity needs a vLLM server, or --no-server"
        ) from error


def _checked(found: tuple[float, ...], wanted: int) -> tuple[float, ...]:
    if len(found) != wanted or not all(map(math.isfinite, found)):
        raise ValueError(f"{len(found)} log-probabilities for {wanted} tokens, or not all of them finite")
    return found


def _post(url: str, body: dict[str, object]) -> Any:  # noqa: ANN401 - a JSON document from outside
    request = urllib.request.Request(  # noqa: S310 - an address the user chose, http or https only
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    # Without the environment's proxies, as the requests to be measured go without them too.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=_PATIENCE_S) as reply:
            return json.loads(reply.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise
