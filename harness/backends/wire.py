"""What goes over the wire and how its bytes become values; no network in here."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from harness.backends.port import GenerationRequest
from harness.domain.prompt import ChoicePrompt, Message
from harness.domain.response import ChoiceResponse, FinishReason, Response

UNREADABLE = (msgspec.DecodeError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading bytes of another shape than promised may raise."""

_SHOWN = 300
_FINISHES = {reason.value: reason for reason in FinishReason}


class MalformedReply(Exception):
    """Bytes that are not the reply that was promised."""


class Usage(msgspec.Struct, gc=False):
    """Tokens of a request."""

    prompt_tokens: int
    completion_tokens: int


def chat_body(model: str, request: GenerationRequest) -> bytes:
    """Return the body of a chat request; raise `UnicodeEncodeError` for half a surrogate pair."""
    decoding = request.decoding
    body = _ChatBody(
        model=model,
        messages=request.prompt.messages,
        temperature=decoding.temperature,
        top_p=decoding.top_p,
        max_tokens=decoding.max_tokens,
        seed=request.seed,
    )
    if decoding.constrained and request.schema is not None:
        body.response_format = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": dict(request.schema), "strict": True},
        }
    if request.timed:
        body.stream = True
        body.stream_options = {"include_usage": True}
    return _ENCODER.encode(body)


def echo_body(model: str, prompt: ChoicePrompt) -> bytes:
    """Return the body that has every context + continuation echoed with log-probabilities.

    Raises `UnicodeEncodeError` for half a surrogate pair.
    """
    return _ENCODER.encode(
        {
            "model": model,
            "prompt": [prompt.context + text for text in prompt.continuations],
            "max_tokens": 0,
            "echo": True,
            "logprobs": 0,
            "temperature": 0,
        }
    )


def chat_response(raw: bytes) -> Response:
    """Return the reply in a chat completion; raise `MalformedReply` when it is not one."""
    try:
        reply = _CHAT.decode(raw)
        choice = reply.choices[0]
    except UNREADABLE as error:
        raise malformed(raw, error) from error
    return Response(
        text=choice.message.content or "",
        finish_reason=_FINISHES.get(choice.finish_reason) or finish(choice.finish_reason),
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
    )


def choice_response(prompt: ChoicePrompt, raw: bytes) -> ChoiceResponse:
    """Return the log-likelihoods in an echoed completion, in the order of the continuations."""
    try:
        choices = sorted(_ECHO.decode(raw).choices, key=lambda choice: choice.index)
        weighed = [
            _continuation(choice.logprobs, text)
            for choice, text in zip(choices, prompt.continuations, strict=False)
        ]
    except UNREADABLE as error:
        raise malformed(raw, error) from error
    if len(choices) != len(prompt.continuations) or not all(tokens for _, tokens in weighed):
        raise MalformedReply("the server echoed no log-probabilities for some continuation")
    return ChoiceResponse(
        logprobs=tuple(logprob for logprob, _ in weighed), tokens=tuple(tokens for _, tokens in weighed)
    )


def error_message(text: str) -> str:
    """Return the message in an OpenAI-style error body, or the start of the body itself."""
    try:
        error = msgspec.json.decode(text)["error"]
        message = error["message"] if isinstance(error, Mapping) else error
    except UNREADABLE:
        message = text
    return str(message).strip()[:_SHOWN]


def finish(reason: str) -> FinishReason:
    """Return why the model stopped; raise `MalformedReply` for a reason nobody knows."""
    if reason not in _FINISHES:
        raise MalformedReply(f"the server ended the reply with {reason!r}")
    return _FINISHES[reason]


def malformed(raw: bytes, error: Exception) -> MalformedReply:
    """Return what is raised for bytes that `error` was raised for."""
    start = raw[:80].decode(errors="replace")
    return MalformedReply(f"not a reply ({type(error).__name__}: {error}): {start!r}")


class _ChatBody(msgspec.Struct, omit_defaults=True):
    model: str
    messages: Sequence[Message]
    temperature: float
    top_p: float
    max_tokens: int
    seed: int
    response_format: dict[str, Any] | None = None
    stream: bool = False
    stream_options: dict[str, bool] | None = None


class _Said(msgspec.Struct, gc=False):
    content: str | None = None


class _ChatChoice(msgspec.Struct, gc=False):
    message: _Said
    finish_reason: str


class _Chat(msgspec.Struct, gc=False):
    choices: list[_ChatChoice]
    usage: Usage


class _Logprobs(msgspec.Struct, gc=False):
    tokens: list[str]
    token_logprobs: list[float | None]
    text_offset: list[int]


class _EchoChoice(msgspec.Struct, gc=False):
    index: int
    logprobs: _Logprobs


class _Echo(msgspec.Struct, gc=False):
    choices: list[_EchoChoice]


_ENCODER = msgspec.json.Encoder()
_CHAT = msgspec.json.Decoder(_Chat)
_ECHO = msgspec.json.Decoder(_Echo)


def _continuation(logprobs: _Logprobs, continuation: str) -> tuple[float, int]:
    """Sum the tokens that begin inside the continuation; a token without a number has no sum."""
    offsets = logprobs.text_offset
    # Counted from the end: a start-of-text token in front would shift every offset.
    begins = offsets[-1] + len(logprobs.tokens[-1]) - len(continuation)
    kept = [
        logprob for logprob, offset in zip(logprobs.token_logprobs, offsets, strict=True) if offset >= begins
    ]
    return float(sum(kept)), len(kept)  # type: ignore[arg-type]  # a None raises, as it should
