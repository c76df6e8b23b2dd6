"""Solved conversations to look at a checkpoint with: gold examples of a task, as arms render them."""

import time
from collections.abc import Sequence

from harness.domain.arm import Arm, ArmKind
from harness.domain.task import Item, Task
from harness.errors import UsageError
from harness.experiments.request import Places
from harness.experiments.wiring import gold_stores
from harness.prompting.render import render
from harness.prompting.retrieval import Retriever
from training.conversation import Conversation


def gold_conversations(
    task: Task, arms: Sequence[Arm], count: int, *, places: Places, mongodb_uri: str | None
) -> tuple[Conversation, ...]:
    """Return up to `count` gold examples, spread over the pool, under each arm in turn.

    An example never stands in its own prompt.  Starts a gold store where an arm retrieves.
    """
    retrieves = any(arm.kind is ArmKind.RAG for arm in arms)
    with gold_stores([task] if retrieves else [], mongodb_uri, places) as retrievers:
        retriever = retrievers().get(task.name)
        return tuple(
            _conversation(task, arms[turn % len(arms)], at, retriever)
            for turn, at in enumerate(_spread(len(task.gold), count))
        )


def _spread(pool: int, count: int) -> tuple[int, ...]:
    """Places of `count` examples at even distances in a pool."""
    if pool == 0:
        raise UsageError("the task has no gold examples to look with: name training examples with --data")
    wanted = min(count, pool)
    return tuple(turn * pool // wanted for turn in range(wanted))


def _conversation(task: Task, arm: Arm, at: int, retriever: Retriever | None) -> Conversation:
    gold = task.gold[at]
    item = Item(id=gold.id, cluster=gold.id, inputs=gold.inputs)
    prompt = render(task, item, arm, retriever=retriever, clock=time.monotonic)
    return Conversation(id=gold.id, arm=str(arm), prompt=prompt.messages, completion=gold.output)
