"""An OpenAI-compatible server that answers at once, so that only the client costs anything.

    python -m bench.instant_server [--port N]

prints its port and serves until it is ended.  Every chat gets the same reply with its
usage, a streamed one a single token that says when the request was whole;
`/v1/completions` with `echo` gets each prompt back word by word with log-probabilities.  A
raw protocol without a parser takes about a tenth of what aiohttp's server takes, which
would cap what is measured.
"""

import asyncio
import re
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import msgspec

from bench.framing import BadRequest, Request, RequestReader, answer
from bench.sse import HEAD, ending, token_event

REPLY = '{"answer": 42}'
"""The content of every chat completion."""

MODEL = "instant"

_COMPLETION = {
    "id": "chatcmpl-instant",
    "object": "chat.completion",
    "created": 1700000000,
    "model": MODEL,
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": REPLY},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 40, "completion_tokens": 7, "total_tokens": 47},
}
_WORD = re.compile(r"\s*\S+")
_LOGPROB = -0.5


class InstantServer(asyncio.Protocol):
    """One connection; every request that a read completes is answered in one write."""

    __slots__ = ("_chat", "_reader", "_transport")

    def __init__(self, chat: bytes) -> None:
        """Take the bytes that answer a chat."""
        self._chat = chat
        self._reader = RequestReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a stream's transport is one

    def data_received(self, data: bytes) -> None:
        """Answer what is whole."""
        if self._transport is None:
            return
        try:
            self._transport.write(b"".join([self._answer(request) for request in self._reader.feed(data)]))
        except BadRequest as error:
            self._transport.write(answer("400 Bad Request", _error(str(error)), close=True))
            self._transport.close()

    def _answer(self, request: Request) -> bytes:
        if request.path == b"/v1/chat/completions":
            if b'"stream":true' in request.body or b'"stream": true' in request.body:
                return streamed_answer(time.monotonic_ns())
            return self._chat
        if request.path == b"/v1/completions":
            return _completions(request.body)
        if request.path == b"/v1/models":
            return answer("200 OK", msgspec.json.encode({"object": "list", "data": [{"id": MODEL}]}))
        return answer("404 Not Found", _error("no such path"))


def chat_answer() -> bytes:
    """Return the whole HTTP reply to a chat."""
    return answer("200 OK", msgspec.json.encode(_COMPLETION))


def streamed_answer(received_ns: int) -> bytes:
    """Return the whole HTTP reply to a streamed chat that was whole at `received_ns`."""
    return HEAD + token_event(received_ns, received_ns, last=True) + ending(1)


def echoed(prompt: str) -> dict[str, Any]:
    """Return the log-probabilities of an echoed prompt: one token a word, none for the first."""
    words = [(found[0], found.start()) for found in _WORD.finditer(prompt)]
    return {
        "tokens": [word for word, _ in words],
        "token_logprobs": [None, *(_LOGPROB for _ in words[1:])] if words else [],
        "top_logprobs": None,
        "text_offset": [start for _, start in words],
    }


def serve_until_ended(make: Callable[[], asyncio.Protocol], port: int) -> None:
    """Serve on 127.0.0.1 with uvloop, or without it and say so, after printing the port."""
    try:
        import uvloop
    except ModuleNotFoundError:
        print("uvloop is not installed: this server is slower than it should be", file=sys.stderr)
        asyncio.run(_serve(make, port))
    else:
        uvloop.run(_serve(make, port))


async def _serve(make: Callable[[], asyncio.Protocol], port: int) -> None:
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _completions(body: bytes) -> bytes:
    try:
        asked = msgspec.json.decode(body)
        prompts = asked["prompt"] if isinstance(asked["prompt"], list) else [asked["prompt"]]
        choices = [
            {"index": place, "text": prompt, "finish_reason": "length", "logprobs": echoed(prompt)}
            for place, prompt in enumerate(prompts)
        ]
    except (msgspec.DecodeError, LookupError, TypeError) as error:
        return answer("400 Bad Request", _error(f"not a completion request: {error}"))
    reply = {"id": "cmpl-instant", "object": "text_completion", "created": 1, "model": MODEL}
    usage = {"prompt_tokens": 40, "completion_tokens": 0, "total_tokens": 40}
    return answer("200 OK", msgspec.json.encode({**reply, "choices": choices, "usage": usage}))


def _error(message: str) -> bytes:
    return msgspec.json.encode({"error": {"message": message, "type": "invalid_request_error"}})


def main() -> None:
    """Serve until the process is ended."""
    parser = ArgumentParser(prog="python -m bench.instant_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    chat = chat_answer()
    serve_until_ended(lambda: InstantServer(chat), parser.parse_args().port)


if __name__ == "__main__":
    main()
