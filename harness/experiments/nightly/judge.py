"""Runs of several gates on the same items -> what one gate would say of them; reads results, no more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.domain.manifest import FORMAT_VERSION, GateManifest
from harness.domain.nightly import (
    Against,
    AnchorReading,
    Asked,
    CheckpointAnswer,
    NightChange,
    NightHole,
    NightRow,
)
from harness.domain.policy import Policy, Role
from harness.domain.run import Side
from harness.domain.suite import Suite
from harness.domain.verdict import Evidence, Status, Verdict
from harness.experiments.nightly.ask import Found
from harness.experiments.nightly.recorded import Kept
from harness.experiments.noise import reporting
from harness.gating.gate import decide
from harness.gating.questions import KIND, paired_policy
from harness.gating.settle import WORST_FIRST
from harness.gating.wording import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What cells are held to: the demands, the suites, and the day by which waivers count, in ISO 8601."""

    policy: Policy
    suites: tuple[Suite, ...]
    begun_at: str

    def suites_of(self, asked: Asked) -> tuple[Suite, ...]:
        """Return the suites that look at a cell."""
        return tuple(suite for suite in self.suites if KIND[suite] is asked.kind)


Changes = Mapping[tuple[Asked, Suite], tuple[NightChange, ...]]
"""What every suite says of every cell."""


def against_release(
    mine: Mapping[Asked, Found],
    release: Mapping[Asked, Found],
    anchor: Mapping[Asked, Found],
    bar: Bar,
) -> Changes:
    """Return every cell against the release and, where there is one, the anchor: what a gate would decide.

    All of it is one family of questions, by the policy's demands.  A cell whose release was not
    measured is INVALID.
    """
    sides = {Side.BASELINE: release, Side.ANCHOR: anchor}
    found = _decided(mine, sides, bar, {Side.BASELINE: Against.RELEASE, Side.ANCHOR: Against.ANCHOR})
    for asked, run in mine.items():
        if isinstance(run, Kept):
            for suite in bar.suites_of(asked):
                found.setdefault((asked, suite), [])
                gates = paired_policy(suite, bar.policy).role is Role.GATE
                found[asked, suite][:0] = _lacking(asked, release, Against.RELEASE, gates=gates)
                if anchor:
                    found[asked, suite] += _lacking(asked, anchor, Against.ANCHOR, gates=gates)
    return {key: tuple(changes) for key, changes in found.items()}


def against_last_night(mine: Mapping[Asked, Found], earlier: Mapping[Asked, Found], bar: Bar) -> Changes:
    """Return every cell against that of the night before; it is shown and does not count.

    What was not measured anew has nothing to be compared, and is left out.
    """
    others = {asked: run for asked, run in earlier.items() if not _is_same_run(mine.get(asked), run)}
    shown = replace(bar, policy=reporting(bar.policy))
    found = _decided(mine, {Side.BASELINE: others}, shown, {Side.BASELINE: Against.LAST_NIGHT})
    for asked in mine:
        for suite in bar.suites_of(asked):
            if isinstance(others.get(asked), str) and isinstance(mine[asked], Kept):
                found[asked, suite] = _lacking(asked, others, Against.LAST_NIGHT, gates=False)
    return {key: tuple(changes) for key, changes in found.items()}


def not_to_blame(row: NightRow, readings: Sequence[AnchorReading]) -> NightRow:
    """Return a row whose answers are INVALID where the anchor's own score has moved on the same question."""
    moved = next(
        (
            each
            for each in readings
            if each.moved and (each.subject, each.arm, each.suite) == (row.subject, row.arm, row.suite)
        ),
        None,
    )
    if moved is None:
        return row
    why = (
        f"the measurement moved: the anchor scores {moved.now:.3f} where the same content scored "
        f"{moved.then:.3f} on {moved.since[:10]}, so nothing is said of this checkpoint"
    )
    return replace(
        row, changes=tuple(replace(each, status=Status.INVALID, reason=why) for each in row.changes)
    )


def answer_of(checkpoint: str, rows: Sequence[NightRow], holes: Sequence[NightHole]) -> CheckpointAnswer:
    """Return the verdict on a checkpoint: its worst answer that counts, a hole being INVALID."""
    told = [
        (change.status, f"{place_of(row)} against the {change.against}: {change.reason}")
        for row in rows
        for change in row.changes
        if change.gates
    ]
    told += [
        (
            Status.INVALID,
            f"{hole.subject}{f' x {hole.arm}' if hole.arm else ''} was not measured: {hole.reason}",
        )
        for hole in holes
    ]
    if not told:
        return CheckpointAnswer(
            checkpoint=checkpoint,
            status=Status.INVALID,
            reason="nothing was compared that can block a release: let a suite of the policy have role gate",
        )
    status, reason = worst(told)
    if status is Status.PASSED:
        return CheckpointAnswer(
            checkpoint=checkpoint, status=status, reason=f"all {plural(len(told), 'question')} passed"
        )
    return CheckpointAnswer(checkpoint=checkpoint, status=status, reason=reason)


def worst(told: Sequence[tuple[Status, str]]) -> tuple[Status, str]:
    """Return the worst status with the first reason for it, and how many more there are."""
    status = min((status for status, _ in told), key=WORST_FIRST.index)
    reasons = [reason for each, reason in told if each is status]
    more = f" ({plural(len(reasons) - 1, 'more answer')} likewise)" if len(reasons) > 1 else ""
    return status, f"{reasons[0]}{more}"


def place_of(row: NightRow) -> str:
    """Return which question a row is about, in words."""
    return f"{row.suite} on {row.subject}{f' x {row.arm}' if row.arm else ''}"


def _decided(
    mine: Mapping[Asked, Found],
    sides: Mapping[Side, Mapping[Asked, Found]],
    bar: Bar,
    names: Mapping[Side, Against],
) -> dict[tuple[Asked, Suite], list[NightChange]]:
    """The verdicts of a gate over all cells that have a run on both sides, by cell and suite."""
    by_id = {
        f"{asked.pair}.{side}": kept
        for asked, own in mine.items()
        for side, kept in _sides(asked, own, sides)
    }
    runs = tuple(
        replace(kept.run, id=name, side=Side(name.rpartition(".")[2])) for name, kept in by_id.items()
    )
    kinds = {run.kind for run in runs}
    suites = tuple(suite for suite in bar.suites if KIND[suite] in kinds)
    if not suites:
        return {}
    first = next(kept for name, kept in by_id.items() if name.endswith(f".{Side.CANDIDATE}"))
    manifest = GateManifest(
        format_version=FORMAT_VERSION,
        gate_id="night",
        plan_digest="",
        attempt=1,
        created_at=bar.begun_at,
        policy=bar.policy,
        suites=suites,
        runs=runs,
        environment={},
        provenance=first.folder.manifest.provenance,
    )
    verdict = decide(manifest, lambda name: by_id[name].results)
    cells = {(asked.subject, asked.shown_arm): asked for asked in mine}
    found: dict[tuple[Asked, Suite], list[NightChange]] = {}
    for one in verdict.verdicts:
        asked = cells[one.subject, one.arm]
        since = by_id[f"{asked.pair}.{one.against}"].folder.manifest.created_at
        found.setdefault((asked, one.suite), []).append(_change(one, names[one.against], since))
    return found


def _sides(
    asked: Asked, own: Found, sides: Mapping[Side, Mapping[Asked, Found]]
) -> Iterator[tuple[Side, Kept]]:
    """The candidate's run and those of the sides, where the baseline has one."""
    found = {side: run for side, runs in sides.items() if isinstance(run := runs.get(asked), Kept)}
    if isinstance(own, Kept) and Side.BASELINE in found:
        yield Side.CANDIDATE, own
        yield from found.items()


def _change(verdict: Verdict, against: Against, since: str) -> NightChange:
    found = verdict.evidence
    return NightChange(
        against=against,
        status=verdict.status,
        reason=verdict.reason
        if verdict.waiver is None
        else f"{verdict.reason}; waived: {verdict.waiver.reason}",
        gates=verdict.role is Role.GATE and verdict.waiver is None,
        delta=None if found is None else found.delta,
        interval=None if found is None else _finite(found),
        since=since,
    )


def _finite(found: Evidence) -> tuple[float, float]:
    low, high = found.interval
    return max(low, -1.0), min(high, 1.0)


def _lacking(
    asked: Asked, others: Mapping[Asked, Found], against: Against, *, gates: bool
) -> list[NightChange]:
    """That there is nothing to compare with, where the other side is a hole or was never asked."""
    other = others.get(asked, "it was not asked")
    if isinstance(other, Kept):
        return []
    return [
        NightChange(
            against=against,
            status=Status.INVALID,
            reason=f"the {against} cannot be compared with: {other}",
            gates=gates,
        )
    ]


def _is_same_run(one: Found | None, other: Found) -> bool:
    return isinstance(one, Kept) and isinstance(other, Kept) and one.gate_id == other.gate_id
