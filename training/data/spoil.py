"""Worse data on purpose, to learn what good data is worth: wrong replies, and the same example again."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from harness import InvalidDataset
from training.example import Example

SPOILT = "spoilt"
"""The tag of an example that has the reply of another."""

_FEWEST = 2


def spoil(examples: Sequence[Example], *, share: float, seed: int) -> tuple[Example, ...]:
    """Return the examples, in their order, a `share` in (0, 1) of them with the reply of another.

    Replies go round among those that are drawn, so that each stays a reply of the data and none
    stays where it was; a larger share spoils the same examples and more.  Raises
    `InvalidDataset` where the share comes to fewer than two examples.
    """
    count = round(share * len(examples))
    if count < _FEWEST:
        raise InvalidDataset(
            f"a share of {share:g} spoils {count} of {len(examples)} examples, and replies are exchanged "
            "between two or more: raise the share or give more examples"
        )
    order = list(range(len(examples)))
    Random(f"spoil:{seed}").shuffle(order)  # noqa: S311 - a reproducible draw, no secret
    drawn = order[:count]
    giver = dict(zip(drawn, [*drawn[1:], drawn[0]], strict=True))
    return tuple(
        _with_reply_of(each, examples[giver[place]]) if place in giver else each
        for place, each in enumerate(examples)
    )


def repeat(examples: Sequence[Example], *, times: int) -> tuple[Example, ...]:
    """Return every example `times` times, round by round; copies have ids of their own."""
    return tuple(
        each if turn == 1 else replace(each, id=f"{each.id}~{turn}")
        for turn in range(1, times + 1)
        for each in examples
    )


def _with_reply_of(example: Example, giver: Example) -> Example:
    return replace(example, messages=(*example.prompt, giver.messages[-1]), tags=(*example.tags, SPOILT))
