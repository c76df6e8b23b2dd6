"""Which items of a task or probe a checkpoint was trained on, by the word runs they share; pure.

What the task itself says around every item is in its training prompts too, and says nothing:
a run that items of several sources have in common is the task's wording and not an item's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from harness.domain.task import ChoiceItem, Item, Probe, Task
from harness.prompting.render import asked
from training.shingles import SHINGLE_WORDS, all_shingles, normalised

_MOST_SOURCES = 2

Runs = Mapping[str, frozenset[int]]
"""Hashed word runs by item id."""


def task_runs(task: Task) -> Runs:
    """Return the runs of every item: of its question as it is asked, and of its reference where that is text.

    A reference shorter than a whole run, such as the name of a class, is no evidence.  Raises
    `InvalidTask` where the task's own code cannot word an item.
    """
    runs = {item.id: all_shingles(_texts(task, item)) for item in task.items}
    return own_runs(runs, {item.id: item.cluster for item in task.items})


def probe_runs(probe: Probe) -> Runs:
    """Return the runs of every question with its right answer; short ones are one run, whole."""
    runs = {item.id: all_shingles([_answered(item)]) for item in probe.items}
    return own_runs(runs, {item.id: item.id for item in probe.items})


def own_runs(runs: Runs, sources: Mapping[str, str]) -> Runs:
    """Return the runs of each item that are not in items of more than two sources.

    An item that has no other keeps all of its runs.
    """
    seen: dict[int, set[str]] = defaultdict(set)
    for name, found in runs.items():
        for run in found:
            seen[run].add(sources[name])
    wording = {run for run, of in seen.items() if len(of) > _MOST_SOURCES}
    return {name: (found - wording) or found for name, found in runs.items()}


def trained_on(runs: Runs, seen: frozenset[int]) -> tuple[str, ...]:
    """Return the items that have a run among those that were `seen` in training, in order."""
    return tuple(name for name, found in runs.items() if not seen.isdisjoint(found))


def _texts(task: Task, item: Item) -> Iterable[str]:
    yield asked(task, item.id, item.inputs).content
    if isinstance(item.reference, str) and len(normalised(item.reference)) >= SHINGLE_WORDS:
        yield item.reference


def _answered(item: ChoiceItem) -> str:
    return item.context + item.continuations[item.gold]
