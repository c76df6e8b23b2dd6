"""The port to whoever answers prompts."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias, runtime_checkable

import msgspec

from harness.domain.prompt import ChoicePrompt, Prompt
from harness.domain.response import ChoiceResponse, GenerationFailure, Response
from harness.domain.task import Decoding, Json


class GenerationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt and how its reply is to be drawn.

    `due_s` is the monotonic instant a user would start to wait, before retrieval; with
    `timed` the reply is streamed and carries its `Timing` from there.  `schema` is only
    sent when decoding is constrained.
    """

    prompt: Prompt
    decoding: Decoding
    seed: int
    due_s: float
    timed: bool = False
    schema: Mapping[str, Json] | None = None


class Backend(Protocol):
    """Answers prompts; never raises for what a request ended in."""

    async def generate(self, request: GenerationRequest) -> Response | GenerationFailure:
        """Return the reply, or why there is none."""
        ...

    async def weigh(self, prompt: ChoicePrompt) -> ChoiceResponse | GenerationFailure:
        """Return the log-likelihood of each continuation, or why there is none."""
        ...


Told: TypeAlias = Callable[[Response | GenerationFailure], None]
"""Takes what a request ended in; called once, from the event loop, and must not raise."""

GiveUp: TypeAlias = Callable[[], None]
"""Gives a request up: nobody is told of it any more."""


@runtime_checkable
class Posting(Protocol):
    """What a backend may offer besides: requests in flight that no task waits for.

    A task and its wake-ups cost more than a request does.
    """

    def post(self, request: GenerationRequest, told: Told) -> GiveUp | None:
        """Send `request`, to be told what came of it later, and return what gives it up.

        None means that it cannot be sent this moment, and that nothing was done: `generate`
        takes the time that it needs.
        """
        ...
