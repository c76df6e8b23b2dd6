"""How checkpoints were trained -> what a verdict about them says besides; pure."""

from collections.abc import Iterator
from dataclasses import replace

from harness.domain.provenance import Contamination, Mismatch, Origin, Overlap, Provenance
from harness.domain.run import RunKind, RunSpec, Side
from harness.gating.assessment import Assessment
from harness.gating.questions import Asked
from harness.gating.wording import plural


def cautioned(assessment: Assessment, asked: Asked, provenance: Provenance) -> Assessment:
    """Return the assessment with what must be said of how its two sides were trained.

    A mismatch of the candidate is the probable cause of its regression; whatever it is, the
    reference's is none, but makes it a poor yardstick.
    """
    found = {side: tuple(_of_run(run, provenance)) for side, run in _sides(asked)}
    told = tuple(
        f"the {side} was {mismatch.kind} ({mismatch.found})"
        for side, mismatches in found.items()
        for mismatch in mismatches
    )
    return replace(
        assessment,
        mismatches=tuple(dict.fromkeys(each.kind for mismatches in found.values() for each in mismatches)),
        cautions=(*told, *_left_out(asked, provenance)),
        has_cause=bool(found[Side.CANDIDATE]),
    )


def provenance_notes(provenance: Provenance) -> Iterator[str]:
    """Yield what a reader of the verdict must know of training: what was left out, unlike, or unknown."""
    for overlap in provenance.left_out:
        guilty = [str(each) for each in provenance.origins if _was_trained_on(each, overlap)]
        yield (
            f"{plural(len(overlap.item_ids), 'item')} of {overlap.subject}, first {overlap.item_ids[0]!r}, "
            f"left out for all sides: trained on by {' and '.join(guilty)}"
        )
    for origin in provenance.origins:
        for mismatch in origin.mismatches:
            yield f"{sentence(origin, mismatch)}; {mismatch.cure}"
    yield from _unknown(provenance)


def sentence(origin: Origin, mismatch: Mismatch) -> str:
    """Return who is asked unlike it was trained, and how, in words."""
    return f"{origin} was {mismatch.kind} ({mismatch.found})"


def _sides(asked: Asked) -> tuple[tuple[Side, RunSpec], ...]:
    return (Side.CANDIDATE, asked.candidate), (asked.reference.side, asked.reference)


def _of_run(run: RunSpec, provenance: Provenance) -> Iterator[Mismatch]:
    """The mismatches of a run's checkpoint that concern what the run asks.

    A probe is asked without an arm and without a chat template, so only other weights matter.
    """
    for origin in provenance.origins:
        if run.side in origin.sides:
            yield from (each for each in origin.mismatches if _concerns(each, run))


def _concerns(mismatch: Mismatch, run: RunSpec) -> bool:
    if not mismatch.arms:
        return True
    return run.kind is not RunKind.PROBE and str(run.candidate.arm) in mismatch.arms


def _left_out(asked: Asked, provenance: Provenance) -> Iterator[str]:
    for overlap in provenance.left_out:
        if overlap.subject == asked.question.subject:
            count = len(overlap.item_ids)
            yield f"without {plural(count, 'item')} that {'was' if count == 1 else 'were'} trained on"


def _was_trained_on(origin: Origin, overlap: Overlap) -> bool:
    return any(
        each.subject == overlap.subject and set(each.item_ids) & set(overlap.item_ids)
        for each in origin.overlaps
    )


def _unknown(provenance: Provenance) -> Iterator[str]:
    """A sentence for each that somebody trained; one line for all others, which never have a certificate."""
    unknown = [each for each in provenance.origins if each.contamination is Contamination.UNKNOWN]
    for origin in unknown:
        if origin.is_tuned:
            yield (
                f"contamination unknown: {origin} carries no record of what it was trained on, so these "
                "items may be among it; weighbridge train leaves one beside the weights"
            )
    others = [f"{each.label} ({' and '.join(each.sides)})" for each in unknown if not each.is_tuned]
    if others:
        yield f"contamination unknown for {', '.join(others)}: no training record"
