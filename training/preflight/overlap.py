"""Which evaluation items stand among the training examples."""

from collections.abc import Sequence

from harness import Role, Task
from training.example import Example
from training.shingles import all_shingles, shingles


def overlapping_items(task: Task, examples: Sequence[Example]) -> tuple[str, ...]:
    """Return the ids of the items whose id, inputs or some run of 13 words is in an example.

    What the system says is left out: all prompts of a task share it.
    """
    seen = all_shingles(
        turn.content for example in examples for turn in example.messages if turn.role is not Role.SYSTEM
    )
    ids = {example.id for example in examples}
    inputs = [example.inputs for example in examples if example.inputs is not None]
    return tuple(
        item.id
        for item in task.items
        if item.id in ids or item.inputs in inputs or shingles(task.ask(item.inputs)) & seen
    )
