"""Orders the work: items as they were drawn, the sides of each interleaved ABBA."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest

from harness.domain.run import RunSpec
from harness.domain.task import ChoiceItem, Item, Probe, Task
from harness.engine.work import ChoiceWork, ReplyWork, Work
from harness.prompting.renderer import Renderer
from harness.scoring.json_schema import SchemaValidator

REPEAT_MARK = "~"
"""Separates an item's id from the number of its repeat."""


def interleave(sides: Sequence[Sequence[Work]]) -> tuple[Work, ...]:
    """Return the work of all sides, item by item: A B, then B A, then A B, and so on.

    The items come in the order of the sides, which the plan has shuffled: it is also the order
    of the evidence.  Drift of the server or of the machine falls on all sides alike.
    """
    by_item = [{work.item_id: work for work in side} for side in sides]
    names = dict.fromkeys(work.item_id for side in sides for work in side)
    ordered: list[Work] = []
    for place, name in enumerate(names):
        asked = [side[name] for side in by_item if name in side]
        ordered += asked if place % 2 == 0 else asked[::-1]
    return tuple(ordered)


def in_rounds(pairs: Sequence[Sequence[Work]]) -> tuple[Work, ...]:
    """Return the work of all pairs of runs, an item of each in turn, until the longest is done."""
    by_item = [[tuple(works) for _, works in groupby(pair, key=_item_id)] for pair in pairs]
    rounds = zip_longest(*by_item, fillvalue=())
    return tuple(work for turn in rounds for works in turn for work in works)


def _item_id(work: Work) -> str:
    return work.item_id


def reply_work(run: RunSpec, task: Task, *, timed: bool, max_tokens: int | None) -> tuple[Work, ...]:
    """Return the work of a run over a task; `X~2` is the second asking of item `X`.

    Under a constrained arm the server decodes inside the task's schema, whatever the task itself says.
    """
    if run.candidate.arm.constrained:
        task = replace(task, decoding=replace(task.decoding, constrained=True))
    items: Mapping[str, Item] = {item.id: item for item in task.items}
    validator, renderer = SchemaValidator(task.schema), Renderer(task, run.candidate.arm)
    return tuple(
        ReplyWork(
            run=run,
            item_id=name,
            # An item's own id may hold the mark; the last one is that of the repeat.
            item=items[name if name in items else name.rpartition(REPEAT_MARK)[0]],
            task=task,
            validator=validator,
            renderer=renderer,
            timed=timed,
            max_tokens=max_tokens,
        )
        for name in run.item_ids
    )


def choice_work(run: RunSpec, probe: Probe) -> tuple[Work, ...]:
    """Return the work of a run over a probe."""
    items: Mapping[str, ChoiceItem] = {item.id: item for item in probe.items}
    return tuple(ChoiceWork(run=run, item_id=name, item=items[name], probe=probe) for name in run.item_ids)


def in_blocks(works: Sequence[Work]) -> tuple[tuple[Work, ...], ...]:
    """Return the work by checkpoint for servers that cannot be up together: A1, all of B, A2.

    The first checkpoint's work is halved around the second's, so that drift of the machine
    falls on both as far as blocks allow.  With one checkpoint there is one block.
    """
    digests = list(dict.fromkeys(work.run.candidate.checkpoint.digest for work in works))
    mine = [tuple(w for w in works if w.run.candidate.checkpoint.digest == digest) for digest in digests]
    if len(mine) <= 1:
        return tuple(mine)
    first, *others = mine
    half = len(first) // 2
    return tuple(block for block in (first[:half], *others, first[half:]) if block)
