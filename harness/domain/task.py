"""A task: items, how an item becomes a question, the schema and the scorer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.domain.score import Score

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
"""Anything a JSON document can hold."""

Inputs: TypeAlias = Mapping[str, Json]
"""The part of an item that the model is shown, by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question.

    `id` is stable and unique in its task.  `cluster` names the source it shares with
    other items.  `inputs` may be shown to the model; `reference` never is.
    `oracle` is the paragraph that holds the answer, shown under the arm oracle-context alone.
    """

    id: str
    cluster: str
    inputs: Inputs
    reference: Json = None
    tags: tuple[str, ...] = ()
    oracle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldExample:
    """A solved question: what was asked and the exact reply wanted, as text."""

    id: str
    inputs: Inputs
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """Settings that decide which reply is drawn.

    `temperature` is 0 for greedy decoding; `max_tokens` caps the reply; `constrained`
    asks the server to decode inside the task's JSON Schema.
    """

    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    constrained: bool = False


Ask: TypeAlias = Callable[[Inputs], str]
"""Words an item's inputs as the user's message."""

ScoreReply: TypeAlias = Callable[[Item, str], Score]
"""Grades the raw text of a reply to an item."""


Near: TypeAlias = Callable[[Inputs, Inputs], float]
"""How much a solved example of the second inputs helps with the first, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything the harness needs to know of a job; the harness knows no domain itself.

    `digest` is a hex sha256 over the files of the task folder.  `near` is only asked when an
    embedder is trained, and None where the task says nothing of it.
    """

    name: str
    digest: str
    system: str
    items: tuple[Item, ...]
    gold: tuple[GoldExample, ...]
    schema: Mapping[str, Json]
    ask: Ask = field(compare=False)
    score: ScoreReply = field(compare=False)
    decoding: Decoding
    near: Near | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceItem:
    """A multiple-choice question answered by log-likelihood, never by generation.

    `continuations` are appended to `context` one at a time; `gold` indexes the right one.
    `category` names the probe it comes from where several are pooled.
    """

    id: str
    context: str
    continuations: tuple[str, ...]
    gold: int
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A forgetting probe: choice items and the accuracy that guessing reaches, in (0, 1)."""

    name: str
    digest: str
    items: tuple[ChoiceItem, ...]
    chance: float
