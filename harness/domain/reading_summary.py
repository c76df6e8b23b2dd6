"""What all readers of a gate made of it together, as figures."""

from dataclasses import dataclass

from harness.domain.policy import ReadsPolicy
from harness.domain.reading import Blind
from harness.domain.run import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderRow:
    """One reader: items read, replies accepted of those shown, and seconds an item, the median."""

    reviewer: str
    blind: Blind
    items: int
    replies: int
    accepted: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRow:
    """What was accepted of a side's replies, by most readers of each.

    `low` and `high` bound the share of replies like those read (Clopper and Pearson, at 1 - 2
    alpha).  `estimate` is the share of all replies of the gate, with its own interval; None where
    too few of a kind were read.  `tuning` in [0, 1] is how far a judge was relied on for it.
    """

    side: Side
    read: int
    accepted: int
    low: float
    high: float
    estimate: float | None = None
    estimate_low: float = 0.0
    estimate_high: float = 1.0
    tuning: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """How far two readers agree over the replies that both read; kappa None where it is undefined."""

    one: str
    other: str
    replies: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRow:
    """How far a judge agrees with people over the replies that both have seen.

    Of `accepted` replies that people took the judge took `confirmed`, of `rejected` ones it refused
    `refused`.  `low` is what both shares are shown to reach at alpha, 0 where either is of nothing.
    `inconsistent` counts items on which it changed its mind with the order, of `items`; `failures`
    those on which it gave no reply that could be read.  `candidate` and `baseline` are the shares of
    each side's replies that it accepted, in [0, 1], a tie being half of one.
    """

    judge: str
    accepted: int
    confirmed: int
    rejected: int
    refused: int
    kappa: float | None
    low: float
    items: int
    inconsistent: int
    failures: int
    prompt_tokens: int
    completion_tokens: int
    candidate: float
    baseline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSummary:
    """The readers, what they accepted, and how far they agree.

    `readable` counts the items that could be read, `differing` those on which the sides' scores
    differ, which are read first.  `only_candidate` and `only_baseline` count items of which one
    reply alone was accepted.  `alpha` is Krippendorff's over all readers, None where undefined.
    """

    gate_id: str
    readable: int
    differing: int
    readers: tuple[ReaderRow, ...]
    sides: tuple[SideRow, ...]
    only_candidate: int
    only_baseline: int
    pairs: tuple[PairRow, ...] = ()
    alpha: float | None = None
    judge: JudgeRow | None = None
    demand: ReadsPolicy | None = None
