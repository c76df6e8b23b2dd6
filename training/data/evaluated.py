"""What a checkpoint is asked: the questions that must not be among its training examples."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness import Probe, Task

_LABEL = re.compile(r"^(?:question|goal|answer)\s*:[ \t]*", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """One question of a task or probe, `subject`, in the words a model is asked."""

    subject: str
    id: str
    text: str

    @property
    def bare(self) -> str:
        """The words without labels such as "Question:", as someone else would write them down."""
        return _LABEL.sub("", self.text).strip()


def evaluated(tasks: Iterable[Task], probes: Iterable[Probe]) -> tuple[Evaluated, ...]:
    """Return every item of the tasks and probes; what a probe offers as answers is left out."""
    return (
        *(one for task in tasks for one in _items(task)),
        *(one for probe in probes for one in _of(probe)),
    )


def _items(task: Task) -> Iterator[Evaluated]:
    return (Evaluated(subject=task.name, id=item.id, text=task.ask(item.inputs)) for item in task.items)


def _of(probe: Probe) -> Iterator[Evaluated]:
    return (Evaluated(subject=probe.name, id=item.id, text=item.context) for item in probe.items)
