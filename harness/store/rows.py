"""A gate as rows of the warehouse's tables, in the order of their columns in schema.sql."""

from collections.abc import Iterator
from typing import TypeAlias

from harness.domain.judgement import Judgements
from harness.domain.reading import Reading, Reads
from harness.domain.run import RunSpec
from harness.domain.verdict import Evidence, Verdict
from harness.store.columns import Columns, recorded
from harness.store.gate_folder import GateFolder

Row: TypeAlias = tuple[object, ...]
"""The values of one row."""

Batch: TypeAlias = tuple[str, list[Row]]
"""A table's name and rows for it."""


def batches(folder: GateFolder) -> Iterator[Batch | Columns]:
    """Yield every row the gate has, table by table and run by run, so one run is held at a time."""
    yield "gates", [_gate(folder)]
    gate_id = folder.manifest.gate_id
    for run in folder.manifest.runs:
        found = recorded(folder, run)
        yield "runs", [_run(gate_id, run, found.items)]
        yield from found.columns
    yield "reads", [_reading(each, reading) for each in folder.reads() for reading in each.readings]
    yield "judgements", _judgements(folder.judgements())
    if folder.is_complete:
        answer = folder.verdict()
        verdicts = answer.verdicts
        yield "gate_notes", [(gate_id, place, note) for place, note in enumerate(answer.notes, start=1)]
        yield "verdicts", [_verdict(gate_id, verdict) for verdict in verdicts]
        yield "tests", [row for verdict in verdicts for row in _tests(gate_id, verdict)]


def _gate(folder: GateFolder) -> Row:
    manifest = folder.manifest
    answer = folder.verdict() if folder.is_complete else None
    return (
        manifest.gate_id,
        manifest.plan_digest,
        manifest.attempt,
        manifest.created_at,
        folder.is_complete,
        answer and str(answer.status),
        answer and answer.reason,
    )


def _run(gate_id: str, run: RunSpec, recorded: int) -> Row:
    return (
        gate_id,
        run.id,
        run.pair,
        str(run.kind),
        str(run.side),
        run.candidate.checkpoint.label,
        run.candidate.checkpoint.digest,
        str(run.candidate.arm),
        run.subject,
        run.subject_digest,
        len(run.item_ids),
        recorded,
    )


def _reading(reads: Reads, reading: Reading) -> Row:
    return (
        reads.gate_id,
        reads.reviewer,
        str(reads.blind),
        reading.pair,
        reading.item_id,
        reading.candidate,
        reading.baseline,
        str(reading.first),
        reading.note,
        reading.seconds,
        reading.at,
    )


def _judgements(said: Judgements | None) -> list[Row]:
    if said is None:
        return []
    return [
        (
            said.gate_id,
            said.judge,
            each.pair,
            each.item_id,
            each.candidate,
            each.baseline,
            each.consistent,
            each.failure or None,
            each.prompt_tokens,
            each.completion_tokens,
        )
        for each in said.judgements
    ]


def _verdict(gate_id: str, verdict: Verdict) -> Row:
    waiver = verdict.waiver
    return (
        *_question(gate_id, verdict),
        str(verdict.role),
        str(verdict.status),
        verdict.reason,
        waiver and waiver.until,
        waiver and waiver.reason,
        *_numbers(verdict.evidence),
    )


def _numbers(found: Evidence | None) -> Row:
    """Return the columns from `n` to `upper`."""
    if found is None:
        return (None,) * 7
    planned = round(found.details.get("planned_items", found.n))
    return (found.n, planned, found.baseline, found.candidate, found.delta, *found.interval)


def _tests(gate_id: str, verdict: Verdict) -> Iterator[Row]:
    for test in verdict.evidence.tests if verdict.evidence else ():
        yield (*_question(gate_id, verdict), test.name, test.hypothesis, test.rejected, test.p_value)


def _question(gate_id: str, verdict: Verdict) -> Row:
    """Return the columns that name a question, unique within a gate."""
    against = str(verdict.against)
    return (gate_id, str(verdict.suite), verdict.subject, verdict.arm, verdict.metric, against)
