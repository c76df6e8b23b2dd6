"""The page and the summary of a night: what they say, and that nothing in them is more than text."""

import re
from dataclasses import replace

import pytest

from harness.domain.nightly import Against, CheckpointAnswer, NightHole, NightPart, Notice
from harness.domain.verdict import Status
from reports.nightly.lines import lines_beside, lines_of, reading_words
from reports.nightly.markdown import summary
from reports.nightly.page import night_page
from reports.nightly.record import NightRecord
from tests.fakes.nights import a_change, a_night, a_reading, a_row

pytest.importorskip("vl_convert", reason="weighbridge[report] is not installed")

HOSTILE = "</script><script>x</script><img src=x> @ada #1 `a` \x1b[31m\u202e|\ud800"
SHOWN = a_change(Against.LAST_NIGHT, status=Status.REGRESSED, gates=False)


def a_record(**fields: object) -> NightRecord:
    rows = (
        a_row(changes=(a_change(), SHOWN)),
        a_row("release-8", part=NightPart.RELEASE, is_new=False, measured_at="2027-01-08T02:00:00+00:00"),
    )
    answers = (CheckpointAnswer(checkpoint="tonight", status=Status.PASSED, reason="all 1 question passed"),)
    night = a_night(**{"rows": rows, "answers": answers, **fields})
    return NightRecord(night=night, command="weighbridge nightly nightly.toml")


def words(html: str) -> str:
    """What a reader of the page sees, without its style."""
    body = html[html.index("<body") :]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_the_page_says_verdict_owner_due_and_how_to_run_it_again() -> None:
    html = night_page(a_record())
    shown = words(html)
    assert "<title>PASSED: nightly, 2027-01-12-1</title>" in html
    assert "PASSED 1 checkpoint passed every question owner Ada due 2027-01-31" in shown
    assert "weighbridge nightly nightly.toml" in shown


def test_a_row_shows_its_mean_and_its_changes_with_intervals() -> None:
    (line,) = lines_of(a_record().night, NightPart.CHECKPOINT)
    assert (line.mean, line.interval, line.measured) == ("0.750", "0.640 to 0.860", "tonight")
    assert line.told["release"].change == "-1.0 (-4.0 to +2.0)"
    (release,) = lines_beside(a_record().night)
    assert (release.checkpoint, release.measured, release.told) == ("release-8", "2027-01-08", {})


def test_what_is_only_shown_is_told_from_what_counts() -> None:
    record = a_record()
    assert "-1.0 (-4.0 to +2.0) REGRESSED shown" in words(night_page(record))
    assert "-1.0 (-4.0 to +2.0) REGRESSED (shown)" in summary(record)


def test_an_unfinished_night_is_shown_as_unfinished_and_with_no_verdict() -> None:
    record = a_record(finished_at="", reason="the night is not finished")
    assert record.status == "UNFINISHED"
    assert "This night is not finished: it has no verdict" in words(night_page(record))
    assert summary(record).startswith("### UNFINISHED: ")


def test_a_moved_anchor_stands_on_top_and_no_checkpoint_is_named_with_it() -> None:
    moved = a_reading(moved=True, now=0.1, interval=(-0.5, -0.3), changed=40)
    shown = words(night_page(a_record(readings=(moved,), anchor="frozen")))
    top = shown[: shown.index("Checkpoints")]
    assert "The measurement moved: the frozen anchor does not score what it scored" in top
    assert "tonight" not in top
    assert "MOVED target-metric on sums x zero-shot moved: 0.100 against 0.500 on 2026-11-01" in shown
    assert "-40.0 points (-50.0 to -30.0); 40 of 60 items score otherwise" in reading_words(moved)
    assert "**The measurement moved**" in summary(a_record(readings=(moved,)))


def test_a_still_anchor_alarms_nobody() -> None:
    record = a_record(readings=(a_reading(),), anchor="frozen")
    assert "The measurement moved" not in words(night_page(record)) + summary(record)
    assert "is not shown to have moved" in words(night_page(record))


def test_holes_and_notices_are_shown_with_their_reasons() -> None:
    hole = NightHole(
        part=NightPart.CHECKPOINT, checkpoint="b", subject="sums", arm="rag-3", reason="the server died"
    )
    record = a_record(holes=(hole,), notices=(Notice(about="drift", text="questions are longer"),))
    for text in (words(night_page(record)), summary(record)):
        assert "the server died" in text
        assert "questions are longer" in text
    assert "Hole: b: sums x rag\\-3" in summary(record).replace("\\:", ":")


def test_nothing_measured_is_a_page_too() -> None:
    record = NightRecord(night=a_night(status=Status.INVALID, reason="nothing was measured"), command="again")
    shown = words(night_page(record))
    assert "INVALID nothing was measured" in shown
    assert "No cell has been measured." in shown


def test_names_and_reasons_from_outside_are_text() -> None:
    row = a_row(HOSTILE, subject=HOSTILE, arm=HOSTILE, changes=(a_change(reason=HOSTILE),))
    record = a_record(
        rows=(row,), owner=HOSTILE, reason=HOSTILE, notices=(Notice(about=HOSTILE, text=HOSTILE),)
    )
    html, text = night_page(record), summary(record)
    assert "<script" not in html[html.index("<body") :]
    assert "<img" not in html
    for said in (html, text):
        assert not set("\x1b\u202e\ud800") & set(said)
    assert "<img" not in text.replace("\\<img", "")
    assert "@ada" not in text
    assert "\\|" in text


def test_a_summary_is_never_too_long_for_a_comment() -> None:
    rows = tuple(a_row(f"checkpoint-{number}", changes=(a_change(),)) for number in range(2_000))
    assert len(summary(a_record(rows=rows))) < 65_536


def test_what_the_chart_draws_is_the_change_against_the_release_alone() -> None:
    bare = replace(a_record().night, rows=(a_row(changes=(SHOWN,)),))
    assert "<svg" not in night_page(NightRecord(night=bare, command=""))
    assert "<svg" in night_page(a_record())


def test_the_chart_names_checkpoints_only_where_there_are_several() -> None:
    one, other = a_row("one", changes=(a_change(),)), a_row("other", changes=(a_change(),))
    drawn = [
        night_page(a_record(rows=rows)).partition("<svg")[2].partition("</svg>")[0]
        for rows in ((one,), (one, other))
    ]
    assert "one: " not in drawn[0]
    assert "one: " in drawn[1]
    assert "other: " in drawn[1]
