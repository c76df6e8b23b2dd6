"""Which evaluation items stand among the training examples."""

from collections.abc import Sequence

from harness import Message, Role, Task
from training.example import Example
from training.shingles import all_shingles, normalised, shingles

_FEWEST_WORDS = 8


def overlapping_items(task: Task, examples: Sequence[Example]) -> tuple[str, ...]:
    """Return the ids of the items whose inputs or some run of 13 words is in an example.

    What the system says is left out, as all prompts of a task share it; so are short replies,
    which are words like others.
    """
    seen = all_shingles(turn.content for example in examples for turn in example.messages if _asks(turn))
    inputs = [example.inputs for example in examples if example.inputs is not None]
    return tuple(
        item.id for item in task.items if item.inputs in inputs or shingles(task.ask(item.inputs)) & seen
    )


def _asks(turn: Message) -> bool:
    is_long = len(normalised(turn.content)) >= _FEWEST_WORDS
    return turn.role is Role.USER or (turn.role is Role.ASSISTANT and is_long)
