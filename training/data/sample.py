"""Which examples of a data set a person reads: few, from every source, the same ones each time."""

import hashlib
from collections.abc import Sequence

from training.example import Example


def sampled(examples: Sequence[Example], count: int, *, seed: int) -> tuple[Example, ...]:
    """Return `count` of the examples in a seeded order, all of them where there are fewer.

    Sources share the places by their sizes (largest remainder), and each has at least one as
    long as there are places: a small bad source is seen too.
    """
    by_source: dict[str, list[Example]] = {}
    for example in sorted(examples, key=lambda each: drawn(seed, each.id)):
        by_source.setdefault(example.source, []).append(example)
    places = shared_places({name: len(members) for name, members in by_source.items()}, count)
    chosen = [each for name, members in by_source.items() for each in members[: places[name]]]
    return tuple(sorted(chosen, key=lambda each: drawn(seed, "order", each.id)))


def shared_places(sizes: dict[str, int], count: int) -> dict[str, int]:
    """Return how many of `count` places each name has, never more than its size.

    One goes to each name first, the largest first, and the rest by size.
    """
    wanted = min(count, sum(sizes.values()))
    by_size = sorted(sizes, key=lambda name: (-sizes[name], name))
    places = dict.fromkeys(sizes, 0) | dict.fromkeys(by_size[:wanted], 1)
    for _ in range(wanted - sum(places.values())):
        # The name that is furthest below its share has the next place (Sainte-Laguë).
        open_names = [name for name in by_size if places[name] < sizes[name]]
        neediest = max(open_names, key=lambda name: sizes[name] / (2 * places[name] + 1))
        places[neediest] += 1
    return places


def drawn(seed: int, *names: str) -> int:
    """Return a number in [0, 2^64) that depends on nothing but the seed and the names."""
    text = "\x1f".join((str(seed), *names))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
