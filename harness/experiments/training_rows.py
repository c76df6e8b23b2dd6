"""Training examples -> rendered rows: each under the arm that it is dealt, split from those only looked at.

Arms and split are drawn from the recipe's seed and the example's own content, so they do not
depend on the order of the file.  An arm that shows examples shows the ones a server would
retrieve, and never the example itself.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256

from harness.domain.arm import Arm, ArmKind, parse_arm
from harness.domain.prompt import Message
from harness.domain.task import Inputs, Item, Task
from harness.errors import InvalidDataset
from harness.experiments.request import Places
from harness.experiments.wiring import gold_stores
from harness.prompting.neutralise import neutralise
from harness.prompting.render import render
from harness.prompting.retrieval import Retriever
from training.data.mix import is_mixed_in
from training.example import Example
from training.preference import Preference
from training.recipe import Recipe
from training.rows import CHOSEN, COMPLETION, REJECTED, Row

_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What examples and preferences have in common: a prompt and the replies to learn from.

    `mixed_in` ones are of another job, and are taken as they stand under whatever arms.
    """

    id: str
    question: str
    prompt: tuple[Message, ...]
    replies: Mapping[str, str]
    inputs: Inputs | None
    source: str
    mixed_in: bool = False

    @property
    def item(self) -> Item:
        """The lesson as a question, so that it is worded and looked up like one."""
        return Item(id=self.id, cluster=self.source or self.id, inputs=self.inputs or {})


def lessons_of(examples: Iterable[Example | Preference]) -> tuple[Lesson, ...]:
    """Return the examples as lessons."""
    return tuple(
        Lesson(
            id=each.id,
            question=each.question,
            prompt=each.prompt,
            replies=_replies(each),
            inputs=each.inputs,
            source=each.source,
            mixed_in=isinstance(each, Example) and is_mixed_in(each),
        )
        for each in examples
    )


def split(
    lessons: Sequence[Lesson], share: float, seed: int
) -> tuple[tuple[Lesson, ...], tuple[Lesson, ...]]:
    """Return those to learn from and those to look at, `share` of all; the same question is on one side.

    Raises `InvalidDataset` for fewer than two different questions.
    """
    questions = sorted({lesson.question for lesson in lessons}, key=lambda text: _draw(seed, "split", text))
    if len(questions) < _FEWEST:
        raise InvalidDataset(
            f"{len(lessons)} examples ask {len(questions)} different questions, and validation needs one of "
            "its own: add examples"
        )
    held = set(questions[: min(len(questions) - 1, max(1, round(share * len(questions))))])
    return (
        tuple(lesson for lesson in lessons if lesson.question not in held),
        tuple(lesson for lesson in lessons if lesson.question in held),
    )


def dealt_arm(lesson: Lesson, shares: Mapping[str, float], seed: int) -> Arm:
    """Return the arm that a lesson is dealt: each with the probability of its share."""
    point = int(_draw(seed, "arm", lesson.id)[:13], 16) / 16**13
    names = sorted(shares)
    reached = 0.0
    for name in names:
        reached += shares[name]
        if point < reached:
            return parse_arm(name)
    return parse_arm(names[-1])


def rendered(
    parts: Sequence[Sequence[Lesson]],
    task: Task | None,
    recipe: Recipe,
    *,
    places: Places,
    mongodb_uri: str | None,
) -> tuple[tuple[Row, ...], ...]:
    """Return the rows of every part; the gold store runs only while an arm retrieves.

    Raises `InvalidDataset` for a lesson without inputs that is dealt an arm with examples.
    """
    retrieves = task is not None and any(parse_arm(name).kind is ArmKind.RAG for name in recipe.prompt_arms)
    tasks = (task,) if task is not None and retrieves else ()
    with gold_stores(tasks, mongodb_uri, places) if tasks else nullcontext(dict) as stores:
        found: Mapping[str, Retriever] = stores()
        retriever = found.get(task.name) if task is not None else None
        return tuple(
            tuple(
                _row(lesson, dealt_arm(lesson, recipe.prompt_arms, recipe.seed), task, retriever)
                for lesson in part
            )
            for part in parts
        )


def _row(lesson: Lesson, arm: Arm, task: Task | None, retriever: Retriever | None) -> Row:
    replies = {name: neutralise(text) for name, text in lesson.replies.items()}
    if lesson.mixed_in:
        return Row(id=lesson.id, arm="", prompt=_as_it_stands(lesson), replies=replies)
    if task is not None and lesson.inputs is not None:
        prompt = render(task, lesson.item, arm, retriever=retriever, clock=time.perf_counter)
        return Row(id=lesson.id, arm=str(arm), prompt=prompt.messages, replies=replies)
    if arm.kind is not ArmKind.ZERO_SHOT:
        raise InvalidDataset(
            f"example {lesson.id!r} is dealt the arm {arm} and has no inputs for a task to word: give every "
            'example inputs and output, or write prompt_arms = {"zero-shot" = 1.0}'
        )
    return Row(id=lesson.id, arm=str(arm), prompt=_as_it_stands(lesson), replies=replies)


def _as_it_stands(lesson: Lesson) -> tuple[Message, ...]:
    return tuple(Message(role=turn.role, content=neutralise(turn.content)) for turn in lesson.prompt)


def _replies(each: Example | Preference) -> Mapping[str, str]:
    if isinstance(each, Preference):
        return {CHOSEN: each.chosen, REJECTED: each.rejected}
    return {COMPLETION: each.completion}


def _draw(seed: int, purpose: str, name: str) -> str:
    return sha256(f"{seed}/{purpose}/{name}".encode()).hexdigest()
