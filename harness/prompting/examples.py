"""Picks the gold examples that an arm puts in front of an item."""

import hashlib
from typing import assert_never

from harness.domain.arm import Arm, ArmKind
from harness.domain.task import GoldExample, Item, Task
from harness.errors import UsageError
from harness.prompting.retrieval import Retriever


def pick_examples(task: Task, item: Item, arm: Arm, retriever: Retriever | None) -> tuple[GoldExample, ...]:
    """Return the examples for `item`, never the item itself.

    Raises `UsageError` when the pool is too small.
    """
    match arm.kind:
        case ArmKind.ZERO_SHOT | ArmKind.ORACLE:
            return ()
        case ArmKind.FEW_SHOT | ArmKind.CONTEXT:
            return _fixed(task, item, arm)
        case ArmKind.RAG:
            return _retrieved(task, item, arm, retriever)
        case _:
            assert_never(arm.kind)


def fixed_examples(task: Task, arm: Arm) -> tuple[GoldExample, ...]:
    """Return the examples that an arm without retrieval puts before any item that is none of them.

    Raises `UsageError` when the pool is too small.
    """
    return _exactly(_ranked(task)[: arm.examples], task, arm)


def _fixed(task: Task, item: Item, arm: Arm) -> tuple[GoldExample, ...]:
    ranked = _ranked(task)
    usable = [example for example in ranked if example.id != item.id and example.inputs != item.inputs]
    return _exactly(tuple(usable[: arm.examples]), task, arm)


def _retrieved(task: Task, item: Item, arm: Arm, retriever: Retriever | None) -> tuple[GoldExample, ...]:
    if retriever is None:
        raise UsageError(f"arm {arm} of task {task.name} needs a gold store: start one or set MONGODB_URI")
    twins = frozenset({item.id, *(example.id for example in task.gold if example.inputs == item.inputs)})
    found = retriever.retrieve(task.ask(item.inputs), arm.examples, exclude=twins)
    return _exactly(tuple(example for example in found if example.inputs != item.inputs), task, arm)


def _exactly(examples: tuple[GoldExample, ...], task: Task, arm: Arm) -> tuple[GoldExample, ...]:
    if len(examples) < arm.examples:
        raise UsageError(
            f"arm {arm} wants {arm.examples} gold examples and task {task.name} has {len(examples)} to give: "
            "add gold examples or ask for fewer"
        )
    return examples


def _ranked(task: Task) -> tuple[GoldExample, ...]:
    return tuple(sorted(task.gold, key=lambda example: _draw(task, example)))


def _draw(task: Task, example: GoldExample) -> str:
    """Order that is fixed for a pool and unlike the order of its file."""
    return hashlib.sha256(f"{task.digest}/{example.id}".encode()).hexdigest()
