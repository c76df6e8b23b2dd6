"""What is sent to a model: a chat, or a context whose continuations are weighed."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of a chat."""

    role: Role
    content: str


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """A rendered chat, the ids of the examples in it, and what retrieving them took."""

    messages: tuple[Message, ...]
    example_ids: tuple[str, ...] = ()
    retrieval_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePrompt:
    """A context and the continuations whose log-likelihoods are wanted."""

    context: str
    continuations: tuple[str, ...]
