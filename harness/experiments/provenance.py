"""Certificates of all that takes part in a gate -> its provenance, or a refusal before a token is spent."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from harness.domain.checkpoint import Checkpoint
from harness.domain.policy import OnContamination, OnMismatch, Policy
from harness.domain.provenance import Contamination, Origin, Overlap, Provenance, Unlike
from harness.domain.task import ChoiceItem, Item, Probe, Task
from harness.errors import ContaminatedItems, UnlikeTraining
from harness.experiments.members import Member
from harness.experiments.mismatches import mismatches
from harness.experiments.overlap import Runs, probe_runs, task_runs, trained_on
from harness.experiments.plan import Subjects
from harness.gating.provenance import sentence
from harness.gating.wording import plural
from training.certificate import Certificate, read_certificate, read_shingles


def examined(
    members: Sequence[Member],
    subjects: Subjects,
    scored: Sequence[Task],
    policy: Policy,
    tolerated: Collection[Unlike] = (),
) -> tuple[Subjects, Provenance]:
    """Return the subjects without what was trained on, and the provenance of all that take part.

    `scored` are the tasks whose replies are scored; waiting times may be taken of anything.
    Mismatches of a `tolerated` kind are told and never refused.
    Raises `UnlikeTraining` and `ContaminatedItems` where the policy refuses or nothing is
    left, and `UnknownCheckpoint` for a certificate that cannot be read.
    """
    births = tuple(map(_birth, members))
    runs = _runs(scored, subjects.probes) if any(birth.seen for birth in births) else {}
    origins = tuple(_origin(birth, runs) for birth in births)
    if policy.mismatch is OnMismatch.REFUSE:
        _refuse_unlike(origins, tolerated)
    if policy.contamination is OnContamination.REFUSE:
        _refuse_contaminated(origins)
    left_out = _together(origins)
    return _without(subjects, left_out), Provenance(origins=origins, left_out=left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Birth:
    """What a member's folders say; `seen` are the word runs of all that is known to be trained on."""

    member: Member
    certificate: Certificate | None
    seen: frozenset[int]
    is_recorded: bool


def _birth(member: Member) -> _Birth:
    """Read an adapter's folder and its base's, which may be the work of an earlier training."""
    certificate = read_certificate(member.folders[0]) if member.folders else None
    seen = [read_shingles(folder) for folder in member.folders]
    return _Birth(
        member=member,
        certificate=certificate,
        seen=frozenset().union(*(runs for runs in seen if runs is not None)),
        is_recorded=certificate is not None and bool(seen[0]),
    )


def _runs(tasks: Iterable[Task], probes: Iterable[Probe]) -> Mapping[str, Runs]:
    return {task.name: task_runs(task) for task in tasks} | {
        probe.name: probe_runs(probe) for probe in probes
    }


def _origin(birth: _Birth, runs: Mapping[str, Runs]) -> Origin:
    member, certificate = birth.member, birth.certificate
    overlaps = tuple(_overlaps(runs, birth.seen))
    known = Contamination.CLEAN if birth.is_recorded else Contamination.UNKNOWN
    return Origin(
        label=member.checkpoint.label,
        sides=member.sides,
        contamination=Contamination.FOUND if overlaps else known,
        overlaps=overlaps,
        mismatches=() if certificate is None else mismatches(member, certificate),
        is_tuned=_is_tuned(member.checkpoint),
        merged_into=str(member.into or ""),
        data_digest="" if certificate is None else certificate.data_digest,
    )


def _overlaps(runs: Mapping[str, Runs], seen: frozenset[int]) -> Iterator[Overlap]:
    for subject, of_items in runs.items():
        found = trained_on(of_items, seen)
        if found:
            yield Overlap(subject=subject, item_ids=found)


def _is_tuned(checkpoint: Checkpoint) -> bool:
    """Whether somebody trained it, as far as its name tells: an adapter, or a folder of the user's own."""
    return checkpoint.adapter is not None or Path(checkpoint.label).expanduser().is_dir()


def _refuse_unlike(origins: Sequence[Origin], tolerated: Collection[Unlike]) -> None:
    told = [
        f"{sentence(origin, each)}: {each.cure}"
        for origin in origins
        for each in origin.mismatches
        if each.kind not in tolerated
    ]
    if told:
        raise UnlikeTraining(
            f"{'; and '.join(told)}; or measure all the same with --allow-mismatch "
            '(in a policy file mismatch = "report"), and every verdict will say so'
        )


def _refuse_contaminated(origins: Sequence[Origin]) -> None:
    told = [f"{origin} was trained on {_counted(each)}" for origin in origins for each in origin.overlaps]
    if told:
        raise ContaminatedItems(
            f"{'; '.join(told)}: take them out of the training examples (weighbridge data decontaminate) and "
            "train again, or have a verdict on the other items with --contamination exclude "
            '(in a policy file contamination = "exclude")'
        )


def _counted(overlap: Overlap) -> str:
    return f"{plural(len(overlap.item_ids), 'item')} of {overlap.subject}, first {overlap.item_ids[0]!r}"


def _together(origins: Sequence[Origin]) -> tuple[Overlap, ...]:
    """What any of them was trained on, by subject."""
    found: dict[str, dict[str, None]] = {}
    for overlap in (overlap for origin in origins for overlap in origin.overlaps):
        found.setdefault(overlap.subject, {}).update(dict.fromkeys(overlap.item_ids))
    return tuple(Overlap(subject=subject, item_ids=tuple(ids)) for subject, ids in found.items())


def _without(subjects: Subjects, left_out: Sequence[Overlap]) -> Subjects:
    """The subjects that are left for every side alike."""
    gone = {overlap.subject: frozenset(overlap.item_ids) for overlap in left_out}
    return Subjects(
        tasks=tuple(replace(task, items=_kept(task.name, task.items, gone)) for task in subjects.tasks),
        probes=tuple(replace(probe, items=_kept(probe.name, probe.items, gone)) for probe in subjects.probes),
    )


_Asked = TypeVar("_Asked", Item, ChoiceItem)


def _kept(name: str, items: tuple[_Asked, ...], gone: Mapping[str, frozenset[str]]) -> tuple[_Asked, ...]:
    kept = tuple(item for item in items if item.id not in gone.get(name, frozenset()))
    if not kept:
        raise ContaminatedItems(
            f"all {plural(len(items), 'item')} of {name} were trained on and none is left to ask: ask for "
            "items that were not, or train without them"
        )
    return kept
