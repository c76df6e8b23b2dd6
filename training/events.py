"""What a training process tells the one that started it, a line of JSON an event."""

from typing import TypeAlias

import msgspec


class Said(msgspec.Struct, frozen=True, tag="said"):
    """What is being done now."""

    stage: str


class Estimated(msgspec.Struct, frozen=True, kw_only=True, tag="estimated"):
    """What the run takes, before it takes it: bytes by part, their sum, seconds, and what there is."""

    parts: dict[str, int]
    memory_bytes: int
    available_bytes: int
    duration_s: float
    steps: int
    examples: int
    longest_tokens: int
    trainable_parameters: int


class Stepped(msgspec.Struct, frozen=True, kw_only=True, tag="stepped"):
    """One optimizer step is done; `loss` is its own, rates are since the start or resumption."""

    step: int
    steps: int
    epoch: float
    loss: float
    examples_per_s: float
    tokens_per_s: float
    left_s: float


class EpochEnded(msgspec.Struct, frozen=True, kw_only=True, tag="epoch"):
    """An epoch is done and its adapter lies in `folder`."""

    epoch: float
    training_loss: float | None
    validation_loss: float | None
    folder: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """Training cannot begin or go on, for the reason in `sentence`; `error` names its class."""

    error: str
    sentence: str


class Finished(msgspec.Struct, frozen=True, kw_only=True, tag="finished"):
    """Training is done: seconds it took in all, and the most memory it held."""

    elapsed_s: float
    peak_memory_bytes: int
    estimated_memory_bytes: int
    stopped_early: bool


Event: TypeAlias = Said | Estimated | Stepped | EpochEnded | Refused | Finished


def encode(event: Event) -> bytes:
    """Return the event as a line."""
    return msgspec.json.encode(event) + b"\n"


def decode(line: bytes) -> Event:
    """Return the event on a line; raises `msgspec.MsgspecError` for anything else."""
    event: Event = msgspec.json.decode(line, type=Event)
    return event
