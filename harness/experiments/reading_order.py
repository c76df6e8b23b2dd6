"""In which order the items of a gate are read: those that differ first, the rest as a control; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from harness.domain.reading import Place
from harness.engine.seeds import derived_seed, shuffled

_ALIKE_EVERY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """An item that both sides have answered, and whether their scores differ."""

    place: Place
    differs: bool


def reading_order(there: Sequence[Readable], *, seed: int) -> tuple[Readable, ...]:
    """Return all items in the order they are read, so that whoever reads more reads the same and more.

    Two that differ, then one that does not, as long as there are both.  Within each kind the
    order is random and every task and arm comes in proportion, so that any beginning of it is a
    fair sample of its kind.
    """
    differing = _spread([each for each in there if each.differs], seed)
    alike = _spread([each for each in there if not each.differs], seed)
    order: list[Readable] = []
    ones, others = iter(differing), iter(alike)
    while len(order) < len(there):
        order += islice(ones, _ALIKE_EVERY - 1)
        order += islice(others, 1)
    return tuple(order)


def _spread(items: Sequence[Readable], seed: int) -> list[Readable]:
    """Each pair of runs evenly over the whole length, its items in a seeded order of its own."""
    by_pair: dict[str, list[Readable]] = {}
    for each in items:
        by_pair.setdefault(each.place[0], []).append(each)
    spread: list[tuple[float, str, Readable]] = []
    for pair, members in sorted(by_pair.items()):
        known = {each.place[1]: each for each in members}
        order = shuffled(tuple(sorted(known)), derived_seed(seed, "reads", pair))
        spread += [((number + 0.5) / len(order), pair, known[name]) for number, name in enumerate(order)]
    return [each for _, _, each in sorted(spread, key=lambda one: one[:2])]
