"""What the owner of a nightly is told besides the verdict, in one list."""

from collections.abc import Callable

import pytest

from harness.domain.nightly import Night, NightPart
from harness.experiments.drift_record import keep_look
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.notices import notices
from tests.fakes.drift_reports import a_drift_report
from tests.fakes.nights import a_night, a_reading, a_row

ANCHOR = {"checkpoint": "frozen", "digest": "0" * 12}
QUIET = a_night(rows=(a_row(), a_row("r", part=NightPart.RELEASE, digest="b" * 64)))


@pytest.fixture
def told(nightly: Callable[..., Nightly]) -> Callable[..., dict[str, str]]:
    """The notices on a night of a nightly with an anchor, unless it is said to have none."""

    def build(night: Night, **keys: object) -> dict[str, str]:
        found = notices(nightly(**{"anchor": ANCHOR, **keys}), night)
        return {notice.about: notice.text for notice in found}

    return build


def test_a_usual_night_has_none(told: Callable[..., dict[str, str]]) -> None:
    assert told(QUIET) == {}


@pytest.mark.parametrize(("due", "about"), [("2027-01-12", set()), ("2027-01-11", {"due"})])
def test_a_due_day_is_told_of_once_it_has_passed(
    due: str, about: set[str], told: Callable[..., dict[str, str]]
) -> None:
    found = told(QUIET, due=due)
    assert set(found) == about
    assert all("Ada decides whether to train again" in text for text in found.values())


def test_a_missing_anchor_is_told(told: Callable[..., dict[str, str]]) -> None:
    assert "looks like one of the checkpoint" in told(QUIET, anchor=None)["anchor"]


def test_items_of_the_anchor_that_flicker_are_counted(told: Callable[..., dict[str, str]]) -> None:
    night = a_night(rows=QUIET.rows, readings=(a_reading(),))
    assert told(night)["anchor"].startswith("2 of 60 items of the anchor score otherwise than on 2026-11-01")
    assert told(a_night(rows=QUIET.rows, readings=(a_reading(moved=True),))) == {}


def test_a_checkpoint_with_the_content_of_the_release_is_told(told: Callable[..., dict[str, str]]) -> None:
    night = a_night(rows=(a_row(), a_row("r", part=NightPart.RELEASE)))
    assert told(night) == {"tonight": "tonight has the content of the release release-8"}


def test_a_night_that_measured_nothing_says_so(told: Callable[..., dict[str, str]]) -> None:
    assert "no cell was new or stale" in told(a_night(rows=(a_row(is_new=False),)))["nothing new"]


def test_what_drift_last_found_is_told_with_owner_and_day(
    nightly: Callable[..., Nightly], told: Callable[..., dict[str, str]]
) -> None:
    keep_look(nightly().places.results, a_drift_report())
    text = told(QUIET)["drift"]
    assert text.startswith("base+adapter: RETRAIN, training overdue since 2026-12-12, Ada answers for it")


def test_a_damaged_look_at_drift_is_told_and_ends_no_night(
    nightly: Callable[..., Nightly], told: Callable[..., dict[str, str]]
) -> None:
    keep_look(nightly().places.results, a_drift_report()).write_text("{")
    assert "cannot be read" in told(QUIET)["drift"]
