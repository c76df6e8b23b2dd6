"""What else the owner of a nightly has to know: one list, to which whoever finds something adds.

A finding of drift in the questions that users ask is a notice like the others: `notices` puts
what the sources give in one order, and page and summary show it first.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TypeAlias

from harness.domain.nightly import Night, NightPart, Notice
from harness.experiments.nightly.checked import Nightly

Source: TypeAlias = Callable[[Nightly, Night], Sequence[Notice]]
"""Finds something in a night that its owner has to know."""


def notices(nightly: Nightly, night: Night, sources: Sequence[Source] = ()) -> tuple[Notice, ...]:
    """Return all notices on a night whose cells have ended: the house's own, then those of `sources`."""
    own = (*_due(nightly, night), *_anchor(nightly, night), *_same_content(night), *_nothing_new(night))
    return (*own, *(notice for source in sources for notice in source(nightly, night)))


def _due(nightly: Nightly, night: Night) -> Iterator[Notice]:
    today: date = datetime.fromisoformat(night.begun_at).date()
    if nightly.table.due < today:
        yield Notice(
            about="due",
            text=f"{night.due} has passed: {night.owner} decides whether to train again, and sets another "
            f"day in {night.file}",
        )


def _anchor(nightly: Nightly, night: Night) -> Iterator[Notice]:
    if nightly.table.anchor is None:
        yield Notice(
            about="anchor",
            text=f"no anchor is frozen in {night.file}: a change of the measurement looks like one of the "
            "checkpoint",
        )
    for reading in night.readings:
        if not reading.moved and reading.changed:
            of = f"{reading.suite} on {reading.subject}{f' x {reading.arm}' if reading.arm else ''}"
            yield Notice(
                about="anchor",
                text=f"{reading.changed} of {reading.items} items of the anchor score otherwise than on "
                f"{reading.since[:10]} ({of}); their mean is not shown to have moved",
            )


def _same_content(night: Night) -> Iterator[Notice]:
    """A checkpoint whose content is the release's own passes, and that says nothing of it."""
    digests = {row.digest for row in night.rows if row.part is NightPart.RELEASE}
    for name in dict.fromkeys(row.checkpoint for row in night.rows if row.part is NightPart.CHECKPOINT):
        if digests & {row.digest for row in night.rows if row.checkpoint == name}:
            yield Notice(about=name, text=f"{name} has the content of the release {night.release}")


def _nothing_new(night: Night) -> Iterator[Notice]:
    if night.rows and not any(row.is_new for row in night.rows):
        yield Notice(
            about="nothing new",
            text="no cell was new or stale: the answers are those of runs measured before, judged again",
        )
