"""A night as Markdown for the summary of a CI step or a message: verdict, notices, table, holes."""

from collections.abc import Iterator, Sequence

from harness import NightPart
from reports.gate.markdown import escaped
from reports.nightly.lines import Line, against_of, lines_beside, lines_of, reading_words
from reports.nightly.record import NightRecord

_LONGEST = 60_000
"""A step's summary and a comment have an end."""


def summary(record: NightRecord) -> str:
    """Return the night as Markdown; names and reasons from outside are escaped."""
    text = "\n".join(_lines(record)) + "\n"
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}\n\nThe rest is left out here; it is on the page of the night.\n"


def _lines(record: NightRecord) -> Iterator[str]:
    night = record.night
    yield f"### {record.status}: {escaped(night.reason)}"
    yield ""
    yield (
        f"Nightly {escaped(night.name)}, night {escaped(night.night_id)}; owner **{escaped(night.owner)}**, "
        f"due {escaped(night.due)}."
    )
    yield ""
    for notice in night.notices:
        yield f"- **{escaped(notice.about)}**: {escaped(notice.text)}"
    if night.moved:
        yield "- **The measurement moved**, so no checkpoint is blamed for it:"
        yield from (f"  - {escaped(reading_words(each))}" for each in night.moved)
    yield ""
    lines = lines_of(night, NightPart.CHECKPOINT)
    if lines:
        yield from _table((*lines, *lines_beside(night)))
        yield ""
    for answer in night.answers:
        yield f"- {escaped(answer.checkpoint)}: **{answer.status}**, {escaped(answer.reason)}"
    for hole in night.holes:
        where = f"{hole.checkpoint}: {hole.subject}{f' x {hole.arm}' if hole.arm else ''}"
        yield f"- Hole: {escaped(where)}: {escaped(hole.reason)}"
    yield ""
    yield f"Again: `{record.command.replace('`', '')}`"


def _table(lines: Sequence[Line]) -> Iterator[str]:
    compared = against_of(lines)
    columns = (
        "checkpoint",
        "question",
        "mean",
        "n",
        "measured",
        *(f"against the {each}" for each in compared),
    )
    yield f"| {' | '.join(columns)} |"
    yield f"| --- | --- | ---: | ---: | --- |{' --- |' * len(compared)}"
    for line in lines:
        cells = [escaped(line.checkpoint), escaped(line.name), line.mean, line.items, line.measured]
        cells += [_cell(line, each) for each in compared]
        yield f"| {' | '.join(cells)} |"


def _cell(line: Line, against: str) -> str:
    told = line.told.get(against)
    if told is None:
        return "-"
    return f"{told.change} {told.status}" if told.gates else f"{told.change} {told.status} (shown)"
