"""What people left beside a gate -> who read how much, what they accepted, and how far they agree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from statistics import median

from harness.domain.judgement import Judgements
from harness.domain.reading import Label, Place, Reads, labels
from harness.domain.reading_summary import PairRow, ReaderRow, ReadingSummary, SideRow
from harness.domain.run import Side
from harness.errors import InvalidComparison
from harness.gating.judged import agreement
from harness.gating.readable import Answers, answers, differ, strata
from harness.stats.agreement import cohen_kappa, krippendorff_alpha
from harness.stats.proportion import clopper_pearson
from harness.stats.stratified import Stratum, stratified_share
from harness.store.gate_folder import GateFolder

Replies = Mapping[tuple[Place, Side], bool]
"""Whether a reader accepts each reply they saw, by where it stands and whose it is."""


def reading_summary(folder: GateFolder) -> ReadingSummary:
    """Return the figures of all reads of a finished gate; raises `StoreError` for damaged files.

    Readings of what the gate did not record are left out.
    """
    there = answers(folder.manifest, folder.results)
    reads = [_known(each, there) for each in folder.reads()]
    made, alpha, said = labels(reads), folder.manifest.policy.alpha, folder.judgements()
    seen = {each.reviewer: _replies(each) for each in reads if each.readings}
    return ReadingSummary(
        gate_id=folder.manifest.gate_id,
        readable=len(there),
        differing=sum(differ(*sides) for sides in there.values()),
        readers=tuple(_reader(each) for each in reads if each.readings),
        sides=tuple(_sides(made, there, said, alpha)),
        only_candidate=sum(each.candidate and each.baseline is False for each in made.values()),
        only_baseline=sum(bool(each.baseline) and not each.candidate for each in made.values()),
        pairs=tuple(_pair(one, other, seen) for one, other in combinations(sorted(seen), 2)),
        alpha=krippendorff_alpha(_units(seen.values())) if len(seen) > 1 else None,
        judge=None if said is None else agreement(made, said, alpha=alpha),
        demand=folder.manifest.policy.reads,
    )


def _known(reads: Reads, there: Answers) -> Reads:
    return replace(reads, readings=tuple(each for each in reads.readings if each.place in there))


def _replies(reads: Reads) -> Replies:
    found = {(each.place, Side.CANDIDATE): each.candidate for each in reads.readings}
    return found | {
        (each.place, Side.BASELINE): each.baseline for each in reads.readings if each.baseline is not None
    }


def _reader(reads: Reads) -> ReaderRow:
    shown = _replies(reads)
    return ReaderRow(
        reviewer=reads.reviewer,
        blind=reads.blind,
        items=len(reads.readings),
        replies=len(shown),
        accepted=sum(shown.values()),
        seconds=median(each.seconds for each in reads.readings),
    )


def _sides(
    made: Mapping[Place, Label], there: Answers, said: Judgements | None, alpha: float
) -> Iterator[SideRow]:
    for side in (Side.BASELINE, Side.CANDIDATE):
        answered = {place: getattr(each, side) for place, each in made.items()}
        read = {place: float(accepted) for place, accepted in answered.items() if accepted is not None}
        if read:
            yield _side(side, strata(there, read, _judged(side, there, said)), alpha)


def _judged(side: Side, there: Answers, said: Judgements | None) -> Mapping[Place, float] | None:
    """A judge's scores of a side's replies, None until it has judged them all."""
    scores = {each.place: getattr(each, side) for each in said.judgements} if said is not None else {}
    return scores if all(place in scores for place in there) else None


def _side(side: Side, kinds: Sequence[Stratum], alpha: float) -> SideRow:
    read = [accepted for kind in kinds for accepted in kind.human]
    accepted = round(sum(read))
    low, high = clopper_pearson(accepted, len(read), alpha=alpha)
    row = SideRow(side=side, read=len(read), accepted=accepted, low=low, high=high)
    try:
        found = stratified_share(kinds, alpha=alpha)
    except InvalidComparison:
        return row
    return replace(
        row,
        estimate=found.estimate,
        estimate_low=found.interval[0],
        estimate_high=found.interval[1],
        tuning=found.tuning,
    )


def _pair(one: str, other: str, seen: Mapping[str, Replies]) -> PairRow:
    ours, theirs = seen[one], seen[other]
    both = [place for place in ours if place in theirs]
    mine, yours = [ours[place] for place in both], [theirs[place] for place in both]
    return PairRow(
        one=one,
        other=other,
        replies=len(both),
        agreed=sum(a == b for a, b in zip(mine, yours, strict=True)),
        kappa=cohen_kappa(mine, yours) if both else None,
    )


def _units(seen: Iterable[Replies]) -> list[list[bool]]:
    """What each reply was given, by everybody who read it."""
    every = list(seen)
    places = dict.fromkeys(place for replies in every for place in replies)
    return [[replies[place] for replies in every if place in replies] for place in places]
