"""What came back, or why nothing did; never an empty answer in place of a failure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import msgspec


class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds from the instant the request was due, retrieval included.

    `ttft_s` ends at the first token with content, `e2e_s` at the last one.  `tpot_s` is
    the mean time per output token after the first, None for replies of one token.
    """

    ttft_s: float
    e2e_s: float
    tpot_s: float | None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A reply as it came, before anything was parsed."""

    text: str
    finish_reason: FinishReason
    prompt_tokens: int
    completion_tokens: int
    timing: Timing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceResponse:
    """Summed natural-log likelihood and token count of each continuation, in order."""

    logprobs: tuple[float, ...]
    tokens: tuple[int, ...]


class FailureKind(StrEnum):
    """What stood between the prompt and a reply."""

    CONNECTION = "connection"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    SERVER_ERROR = "server-error"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFailure:
    """No reply: counted, shown and scored 0, never dropped from the pairs."""

    kind: FailureKind
    message: str


Outcome: TypeAlias = Response | ChoiceResponse | GenerationFailure
"""What an item ended in."""
