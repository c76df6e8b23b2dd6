"""What a teacher and a critic are asked: a new question, its reply, and how good both are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness import GoldExample, Inputs, Json, Message, Role, Task
from training.data.documents import Document
from training.data.input_shape import described
from training.data.sample import drawn

CRITIC_SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "maxLength": 300},
        "score": {"type": "integer", "minimum": 1, "maximum": 10},
    },
    "required": ["reason", "score"],
    "additionalProperties": False,
}
WORDING = 1
"""Counts the wordings below: what was asked in another one is not what is asked now."""

_PATTERNS = 3
_JUDGE = (
    'How good an example is this? Reply with one JSON object and nothing else: {"reason":"one sentence",'
    '"score":n}, where n is 1 for wrong or useless, 5 for passable and 10 for one to learn from.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one attempt is made from; `persona` counts from 1 in its file, 0 for none."""

    number: int
    patterns: tuple[GoldExample, ...]
    persona: int = 0
    character: str = ""
    document: Document | None = None


def lesson(
    number: int, task: Task, personas: Sequence[str], documents: Sequence[Document], *, seed: int
) -> Lesson:
    """Return what attempt `number` is made from; the same for the same arguments."""
    patterns = sorted(task.gold, key=lambda each: drawn(seed, "pattern", str(number), each.id))[:_PATTERNS]
    persona = 1 + drawn(seed, "persona", str(number)) % len(personas) if personas else 0
    return Lesson(
        number=number,
        patterns=tuple(patterns),
        persona=persona,
        character=personas[persona - 1] if persona else "",
        document=documents[drawn(seed, "document", str(number)) % len(documents)] if documents else None,
    )


def question_request(task: Task, given: Lesson, shape: Mapping[str, Json]) -> tuple[Message, ...]:
    """Return what asks for the inputs of a new question."""
    patterns = "\n".join(json.dumps(dict(each.inputs), ensure_ascii=False) for each in given.patterns)
    parts = [
        f"A model has this job:\n{task.system}",
        f"It gets inputs like these, one JSON object each:\n{patterns}",
        described(shape),
        given.document and f"Passage:\n{given.document.text}",
        given.character and f"The new input comes from this person: {given.character}",
        "Write one new input of that kind, with the same fields and unlike those above"
        + (", about what the passage says." if given.document else ".")
        + " Reply with its JSON object and nothing else.",
    ]
    return (
        Message(role=Role.SYSTEM, content="You write inputs to train a model on."),
        Message(role=Role.USER, content="\n\n".join(part for part in parts if part)),
    )


def reply_request(task: Task, given: Lesson, inputs: Inputs) -> tuple[Message, ...]:
    """Return what asks for the reply to a question: the task's own prompt behind solved examples."""
    turns = [turn for each in given.patterns if each.inputs != inputs for turn in _solved(task, each)]
    grounds = (
        f"\n\nTake facts from this passage and from nowhere else:\n{given.document.text}"
        if given.document
        else ""
    )
    return (
        Message(role=Role.SYSTEM, content=task.system + grounds),
        *turns,
        Message(role=Role.USER, content=task.ask(inputs)),
    )


def critic_request(task: Task, given: Lesson, inputs: Inputs, reply: str) -> tuple[Message, ...]:
    """Return what asks for a score from 1 to 10 of a question with its reply."""
    parts = [
        f"The job:\n{task.system}",
        given.document and f"The passage that the reply must rest on:\n{given.document.text}",
        f"The question:\n{task.ask(inputs)}",
        f"The reply:\n{reply}",
        _JUDGE,
    ]
    return (
        Message(role=Role.SYSTEM, content="You judge examples that a model is to be trained on. Be strict."),
        Message(role=Role.USER, content="\n\n".join(part for part in parts if part)),
    )


def _solved(task: Task, example: GoldExample) -> tuple[Message, Message]:
    return (
        Message(role=Role.USER, content=task.ask(example.inputs)),
        Message(role=Role.ASSISTANT, content=example.output),
    )
