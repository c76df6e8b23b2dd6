"""What else the owner of a nightly has to know: one list, which page and summary show first."""

from collections.abc import Iterator
from datetime import date, datetime

from harness.domain.nightly import Night, NightPart, Notice
from harness.errors import StoreError
from harness.experiments.drift_record import drift_notices
from harness.experiments.nightly.checked import Nightly


def notices(nightly: Nightly, night: Night) -> tuple[Notice, ...]:
    """Return all notices on a night whose cells have ended, what waits for a decision first."""
    return (
        *_due(nightly, night),
        *_drift(nightly, night),
        *_people(nightly),
        *_anchor(nightly, night),
        *_same_content(night),
        *_nothing_new(night),
    )


def _due(nightly: Nightly, night: Night) -> Iterator[Notice]:
    if nightly.table.due < _day(night):
        yield Notice(
            about="due",
            text=f"{night.due} has passed: {night.owner} decides whether to train again, and sets another "
            f"day in {night.file}",
        )


def _drift(nightly: Nightly, night: Night) -> Iterator[Notice]:
    """What `weighbridge drift` last found of what users ask; what cannot be read ends no night."""
    try:
        for text in drift_notices(nightly.places.results, _day(night)):
            yield Notice(about="drift", text=text)
    except StoreError as error:
        yield Notice(about="drift", text=str(error))


def _people(nightly: Nightly) -> Iterator[Notice]:
    if nightly.policy.asks_people:
        yield Notice(
            about="policy",
            text="the policy asks for people's reads or a judge, which a night does not wait for: release by "
            "weighbridge gate",
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


def _day(night: Night) -> date:
    return datetime.fromisoformat(night.begun_at).date()
