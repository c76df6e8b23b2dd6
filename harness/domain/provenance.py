"""What is known of how checkpoints were trained, as far as it bears on a verdict about them."""

from dataclasses import dataclass
from enum import StrEnum

from harness.domain.run import Side
from harness.errors import InvalidComparison


class Contamination(StrEnum):
    """Whether a checkpoint was trained on items it is asked."""

    UNKNOWN = "unknown"
    CLEAN = "clean"
    FOUND = "found"


class Unlike(StrEnum):
    """The ways in which a checkpoint can be asked unlike it was trained; each goes on from "was"."""

    PROMPTS = "trained on prompts unlike those served"
    WEIGHTS = "served on weights unlike those trained"
    TEMPLATE = "prompted through another chat template than trained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One way in which a checkpoint is asked unlike it was trained.

    `found` states the facts and `cure` what ends it, both as half a sentence.  `arms` are the
    ones it concerns, by name; empty where it concerns all that the checkpoint is asked.
    """

    kind: Unlike
    found: str
    cure: str
    arms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Items of one task or probe that were trained on; at least one."""

    subject: str
    item_ids: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse an overlap of nothing."""
        if not self.item_ids:
            raise InvalidComparison(f"an overlap with {self.subject} names no item: leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a checkpoint that takes part says of its training.

    `sides` are those it stands on.  `is_tuned` tells an adapter or a folder of the user's own,
    which somebody trained, from a published model or a server.  `merged_into` is the base
    its adapter was merged into, empty where it was not merged for this gate; `data_digest` the
    hex sha256 of its training examples, empty where it is not known.
    """

    label: str
    sides: tuple[Side, ...]
    contamination: Contamination = Contamination.UNKNOWN
    overlaps: tuple[Overlap, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    is_tuned: bool = False
    merged_into: str = ""
    data_digest: str = ""

    def __str__(self) -> str:
        """The sides and label as users read them."""
        return f"the {' and '.join(self.sides)} {self.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The origins of all that take part, and the items that were left out for all of them alike."""

    origins: tuple[Origin, ...] = ()
    left_out: tuple[Overlap, ...] = ()
