"""Focused + general examples + refusals -> one training set with the shares that were asked for.

Every focused example is used, once.  General instructions keep a model from forgetting, and
refusals teach it to say when it does not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from random import Random

from harness import InvalidDataset
from training.example import Example
from training.refusals import is_refusal

GENERAL, REFUSAL = "general", "refusal"
"""The tags of what was mixed in."""

_MOST_DILUTE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSettings:
    """Shares of the whole, in [0, 1); `dilute` sets general examples a focused one in place of a share."""

    general_share: float = 0.15
    refusal_share: float = 0.0
    dilute: float | None = None
    seed: int = 5

    def __post_init__(self) -> None:
        """Raise `InvalidDataset` for shares that leave no room for the focused examples."""
        for name, share in (("general", self.general_share), ("refusal", self.refusal_share)):
            if not 0.0 <= share < 1.0:
                raise InvalidDataset(f"the {name} share is {share:g}: give one from 0 up to, but not, 1")
        if self.general_share + self.refusal_share >= 1.0:
            raise InvalidDataset(
                f"shares of {self.general_share:g} and {self.refusal_share:g} leave no room for focused "
                "examples: lower one of them"
            )
        if self.dilute is not None and not 0.0 < self.dilute <= _MOST_DILUTE:
            raise InvalidDataset(
                f"a dilution of {self.dilute:g} was asked for: give general examples for each focused one, "
                f"above 0 and up to {_MOST_DILUTE}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """The mixture in its shuffled order, and how many of each kind are in it."""

    examples: tuple[Example, ...]
    focused: int
    general: int
    refusals: int

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind; `refusals` counts those among the focused too."""
        whole = {"kept": len(self.examples), "focused": self.focused, "general": self.general}
        return {**whole, "refusals": self.refusals}


def is_mixed_in(example: Example) -> bool:
    """Return whether an example is a general one or a refusal that was added to focused ones."""
    return GENERAL in example.tags or REFUSAL in example.tags


def mix(
    focused: Sequence[Example],
    general: Sequence[Example],
    refusals: Sequence[Example],
    settings: MixSettings,
) -> Mixed:
    """Return all of `focused` with as many general examples and refusals as the shares take.

    Shares hold to within half an example.  Refusals are what `refusals` holds, else those
    among `general`; ones that `focused` holds count.  A larger share draws the same examples
    and more.  Raises `InvalidDataset` saying how many are missing.
    """
    pool = list(refusals) or [each for each in general if is_refusal(each.completion)]
    known = sum(is_refusal(each.completion) for each in focused)
    general_count, refusal_count = _counts(len(focused), known, settings)
    plain = [each for each in general if not is_refusal(each.completion)]
    _require("general examples", general_count, len(plain), "--general")
    _require("refusals", refusal_count, len(pool), "--refusals")
    added = (
        *_tagged(_drawn(plain, general_count, settings.seed, GENERAL), GENERAL),
        *_tagged(_drawn(pool, refusal_count, settings.seed, REFUSAL), REFUSAL),
    )
    whole = _with_own_ids(focused, added)
    _random(settings.seed, "order").shuffle(whole)
    return Mixed(
        examples=tuple(whole),
        focused=len(focused),
        general=general_count,
        refusals=known + refusal_count,
    )


def _counts(focused: int, known: int, settings: MixSettings) -> tuple[int, int]:
    """How many general examples and refusals are added, when `known` of the focused are refusals."""
    share = settings.refusal_share
    if not share:
        # No share was asked for: those among the focused are examples like others.
        known = 0
    others = focused - known
    if settings.dilute is None:
        kept_share = 1.0 - settings.general_share
        general = round(settings.general_share * others / (kept_share - share))
        lowest = known * kept_share / focused
    else:
        general = round(settings.dilute * focused)
        lowest = known / (focused + general)
    whole = (others + general) / (1.0 - share)
    if share < lowest:
        raise InvalidDataset(
            f"{known} of {focused} focused examples are refusals already, more than a share of {share:g}: "
            f"raise --refusal-share to {ceil(100 * lowest) / 100:g}, or leave it out"
        )
    return general, max(0, round(share * whole) - known)


def _require(what: str, wanted: int, there: int, option: str) -> None:
    if wanted > there:
        raise InvalidDataset(
            f"the mixture takes {wanted} {what} and there are {there}: give more with {option}, or ask for a "
            "smaller share"
        )


def _drawn(pool: Sequence[Example], count: int, seed: int, kind: str) -> list[Example]:
    shuffled = list(pool)
    _random(seed, kind).shuffle(shuffled)
    return shuffled[:count]


def _tagged(examples: Sequence[Example], tag: str) -> list[Example]:
    return [each if tag in each.tags else replace(each, tags=(*each.tags, tag)) for each in examples]


def _with_own_ids(focused: Sequence[Example], added: Sequence[Example]) -> list[Example]:
    """All examples; an added one whose id is taken is called by its tag and its id."""
    whole = {each.id: each for each in focused}
    for each in added:
        name = each.id
        while name in whole:
            name = f"{each.tags[-1]}-{name}"
        whole[name] = each if name == each.id else replace(each, id=name)
    return list(whole.values())


def _random(seed: int, what: str) -> Random:
    return Random(f"mix:{seed}:{what}")  # noqa: S311 - a reproducible draw, no secret
