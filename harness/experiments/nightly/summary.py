"""Members of a night as far as they are found -> its rows, comparisons, readings and verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.domain.nightly import AnchorReading, Asked, CheckpointAnswer, Night, NightPart, NightRow
from harness.domain.verdict import Status
from harness.errors import StoreError
from harness.experiments.nightly.anchor import TwoRuns, readings
from harness.experiments.nightly.ask import Found
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.judge import (
    Bar,
    against_last_night,
    against_release,
    answer_of,
    not_to_blame,
    worst,
)
from harness.experiments.nightly.recorded import Kept, shelf_of
from harness.experiments.nightly.rows import Member
from harness.experiments.request import as_typed
from harness.gating.wording import plural
from harness.store.gate_folder import GateFolder

_NOT_YET = "it has not been asked yet"


def summed_up(
    night: Night, members: Sequence[Member], bar: Bar, *, nightly: Nightly, earlier: Night | None
) -> Night:
    """Return `night` with what its members show, perhaps not all of them yet, and with their verdict."""
    by_name = {member.checkpoint: member for member in members}
    table = nightly.table
    release = _found(by_name, table.release, nightly)
    anchor: Mapping[Asked, Found] = {}
    if table.anchor is not None:
        is_release = table.anchor.checkpoint == table.release
        anchor = release if is_release else _found(by_name, table.anchor.checkpoint, nightly)
    read = _readings(anchor, bar, nightly)
    asked = frozenset(night.asked)
    rows: list[NightRow] = []
    for member in members:
        changes = {}
        if member.part is NightPart.CHECKPOINT:
            # A release that is its own anchor is compared with once.
            apart = {} if anchor is release else anchor
            changes = dict(against_release(member.found, release, apart, bar))
        for key, told in against_last_night(member.found, _last_night(member, earlier, nightly), bar).items():
            changes[key] = (*changes.get(key, ()), *told)
        rows += (not_to_blame(row, read) for row in member.rows(bar, asked=asked, changes=changes))
    holes = tuple(hole for member in members for hole in member.holes)
    answers = tuple(
        answer_of(
            name,
            [row for row in rows if row.checkpoint == name],
            [hole for hole in holes if hole.checkpoint == name],
        )
        for name in table.checkpoints
        if name in by_name
    )
    status, reason = _whole(answers, rows)
    return replace(
        night, rows=tuple(rows), holes=holes, readings=read, answers=answers, status=status, reason=reason
    )


def _found(by_name: Mapping[str, Member], name: str, nightly: Nightly) -> Mapping[Asked, Found]:
    member = by_name.get(name)
    return dict.fromkeys(nightly.asked, _NOT_YET) if member is None else member.found


def _readings(anchor: Mapping[Asked, Found], bar: Bar, nightly: Nightly) -> tuple[AnchorReading, ...]:
    """The anchor's runs against the first of the same content; none where this is the first."""
    frozen = nightly.table.anchor
    kept = {asked: run for asked, run in anchor.items() if isinstance(run, Kept)}
    if frozen is None or not kept:
        return ()
    shelf = shelf_of(nightly)
    first = {asked: shelf.first(run.run, since=frozen.since) for asked, run in kept.items()}
    return readings(
        [
            TwoRuns(
                asked=asked,
                suite=suite,
                then=then.results,
                now=run.results,
                since=then.folder.manifest.created_at,
                gate=as_typed(then.folder.path),
            )
            for asked, run in kept.items()
            for then in [first[asked]]
            if then is not None and then.gate_id != run.gate_id
            for suite in bar.suites_of(asked)
        ]
    )


def _last_night(member: Member, earlier: Night | None, nightly: Nightly) -> Mapping[Asked, Found]:
    """The runs that the night before has of the same checkpoint by name, where it speaks of the cell."""
    rows = () if earlier is None else earlier.rows
    named = {(row.subject, row.arm): row for row in rows if row.checkpoint == member.checkpoint}
    return {
        asked: _same_items(named[key], mine, nightly)
        for asked, mine in member.found.items()
        if isinstance(mine, Kept) and (key := (asked.subject, asked.shown_arm)) in named
    }


def _same_items(row: NightRow, mine: Kept, nightly: Nightly) -> Found:
    try:
        folder = GateFolder.open(nightly.places.results / "gates" / row.gate_id)
    except StoreError:
        return f"the gate {row.gate_id} is no longer there"
    run = next((each for each in folder.manifest.runs if each.id == row.run_id), None)
    if run is None or run.subject_digest != mine.run.subject_digest:
        return f"{row.subject} had other content then"
    if set(run.item_ids) != set(mine.run.item_ids):
        return "other items were asked then"
    return Kept(folder=folder, run=run)


def _whole(answers: Sequence[CheckpointAnswer], rows: Sequence[NightRow]) -> tuple[Status, str]:
    """The worst answer; INVALID where nothing was measured."""
    if not any(row.part is NightPart.CHECKPOINT for row in rows):
        why = f": {answers[0].checkpoint}: {answers[0].reason}" if answers else ""
        return Status.INVALID, f"nothing was measured{why}"
    status, reason = worst([(each.status, f"{each.checkpoint}: {each.reason}") for each in answers])
    if status is Status.PASSED:
        return status, f"{plural(len(answers), 'checkpoint')} passed every question"
    return status, reason
