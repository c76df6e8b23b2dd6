"""Raw examples -> examples that each say something else; the first of a group is kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness import InvalidDataset, Json
from training.data.likeness import (
    Embed,
    Likeness,
    Reading,
    Way,
    alike_in_meaning,
    alike_in_wording,
    exact_groups,
)
from training.example import Example

EVERY_WAY = tuple(Way)


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupSettings:
    """Which ways of being alike count, and from what degree on, both in (0, 1].

    `wording` is the Jaccard index of runs of three words, `meaning` the cosine of embeddings.
    """

    ways: tuple[Way, ...] = EVERY_WAY
    wording: float = 0.7
    meaning: float = 0.95

    def __post_init__(self) -> None:
        """Raise `InvalidDataset` for a degree that no pair or every pair has."""
        for name, degree in (("wording", self.wording), ("meaning", self.meaning)):
            if not 0.0 < degree <= 1.0:
                raise InvalidDataset(f"the degree of {name} is {degree:g}: give one above 0 and up to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduplicated:
    """What is kept, in its order, and for each removed example the likeness that removed it."""

    kept: tuple[Example, ...]
    removed: tuple[Likeness, ...]
    examples: tuple[Example, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many came, stayed and went, and why."""
        ways = {f"removed_{way}": sum(each.way is way for each in self.removed) for way in Way}
        return {"read": len(self.examples), "kept": len(self.kept), **ways}

    @property
    def groups(self) -> Sequence[Mapping[str, Json]]:
        """A row a group: the example that was kept, and those that went for it."""
        groups: dict[int, list[Json]] = {}
        gone_for = {each.second: each.first for each in self.removed}
        for each in self.removed:
            gone: Json = {
                "id": self.examples[each.second].id,
                "alike_in": str(each.way),
                "degree": round(each.degree, 4),
                "question": self.examples[each.second].question,
            }
            first = each.first
            while first in gone_for:
                first = gone_for[first]
            groups.setdefault(first, []).append(gone)
        return [
            {"kept": self.examples[first].id, "question": self.examples[first].question, "removed": gone}
            for first, gone in sorted(groups.items())
        ]


def ways_named(names: Sequence[str]) -> tuple[Way, ...]:
    """Return the ways by name, in the order they are tried; raise `InvalidDataset` for any other."""
    unknown = [name for name in names if name not in tuple(Way)]
    if unknown or not names:
        given = repr(unknown[0]) if unknown else "none"
        raise InvalidDataset(f"{given} is no way of being alike: use {', '.join(Way)}")
    return tuple(way for way in Way if way in names)


def deduplicate(
    examples: tuple[Example, ...],
    settings: DedupSettings,
    *,
    embed: Embed | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Deduplicated:
    """Return the examples without those that repeat an earlier one that is kept.

    Nothing kept is alike to anything else kept, so a second time removes nothing.  `embed` is
    needed where meaning counts.
    """
    readings = [Reading(example=example) for example in examples]
    say("looking for equal examples")
    removed = {each.second: each for each in exact_groups(readings)} if Way.EXACT in settings.ways else {}
    if Way.WORDING in settings.ways:
        say("comparing examples word by word")
        left = _left(readings, removed)
        removed |= _overshadowed(alike_in_wording(left, threshold=settings.wording))
    if Way.MEANING in settings.ways:
        if embed is None:
            raise InvalidDataset("no embedder was given to compare meanings: give one or leave meaning out")
        say("comparing examples by their meaning")
        left = _left(readings, removed)
        removed |= _overshadowed(alike_in_meaning(left, threshold=settings.meaning, embed=embed))
    return Deduplicated(
        kept=tuple(example for place, example in enumerate(examples) if place not in removed),
        removed=tuple(removed[place] for place in sorted(removed)),
        examples=examples,
    )


def _left(readings: Sequence[Reading], removed: Mapping[int, Likeness]) -> dict[int, Reading]:
    return {place: reading for place, reading in enumerate(readings) if place not in removed}


def _overshadowed(pairs: Iterable[Likeness]) -> dict[int, Likeness]:
    """For each example that goes, the earliest kept example it is alike to."""
    removed: dict[int, Likeness] = {}
    for each in sorted(pairs, key=lambda each: (each.second, each.first)):
        if each.first not in removed and each.second not in removed:
            removed[each.second] = each
    return removed
