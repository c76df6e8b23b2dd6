"""Pairs out of a gold pool itself: for each question, the examples nearest in what the task calls near."""

from collections.abc import Iterable, Iterator

from harness import Inputs, InvalidDataset, InvalidTask, Task
from training.embeddings.pairs import Asked, PairSet, seeded

FROM_HOOK = "near() of the task"
FROM_FIELDS = "the share of equal input fields, as the task defines no near()"

_MOST_QUERIES = 2000


def derive_pairs(task: Task, *, seed: int) -> PairSet:
    """Return the gold pool asked about itself to learn from, and the task's items to measure recall on.

    The relevant examples of a question are all those that are nearest to it.  Items are only
    ever measured on: neither they nor their ids are in what is trained on, and their
    references are not looked at.  Raises `InvalidDataset` where nothing is near anything,
    `InvalidTask` for a `near` that fails or leaves [0, 1].
    """
    source = FROM_FIELDS if task.near is None else FROM_HOOK
    by_id = {example.id: example.inputs for example in task.gold}
    drawn = seeded(seed, by_id)[:_MOST_QUERIES]
    training = _asked(task, ((by_id[name], frozenset({name})) for name in drawn))
    held_out = _asked(task, ((item.inputs, frozenset[str]()) for item in task.items))
    pairs = PairSet(
        source=source,
        training=tuple(training),
        held_out=tuple(held_out),
        gold={example.id: task.ask(example.inputs) for example in task.gold},
    )
    if not pairs.training or not pairs.held_out:
        raise InvalidDataset(
            f"no example of task {task.name} is near another by {source}: give pairs with --pairs, or add a "
            "function near(inputs, others) to its task.py"
        )
    return pairs


def shared_fields(inputs: Inputs, others: Inputs) -> float:
    """Return the share of fields, of all that either has, in which both are equal, in [0, 1]."""
    names = inputs.keys() | others.keys()
    equal = sum(name in inputs and name in others and inputs[name] == others[name] for name in names)
    return equal / len(names) if names else 0.0


def _asked(task: Task, questions: Iterable[tuple[Inputs, frozenset[str]]]) -> Iterator[Asked]:
    for inputs, own in questions:
        query = task.ask(inputs)
        nearness = {
            example.id: _nearness(task, inputs, example.inputs)
            for example in task.gold
            if example.id not in own and example.inputs != inputs
        }
        most = max(nearness.values(), default=0.0)
        if most > 0.0:
            relevant = frozenset(name for name, value in nearness.items() if value == most)
            yield Asked(query=query, relevant=relevant, own=own)


def _nearness(task: Task, inputs: Inputs, others: Inputs) -> float:
    if task.near is None:
        return shared_fields(inputs, others)
    try:
        value = task.near(inputs, others)
    except Exception as error:  # a user's code may raise anything
        raise InvalidTask(
            f"near() of task {task.name} raised {type(error).__name__}: {error}; correct it in its task.py"
        ) from error
    if not 0.0 <= value <= 1.0:
        raise InvalidTask(
            f"near() of task {task.name} gave {value}: nearness lies from 0 to 1, correct it there"
        )
    return value
