"""Progress of a step: a bar for people, and few lines for a log."""

import io
import sys

import pytest

from reports.tally import TallyBar, TallyLines, shown_tally


def test_a_log_gets_a_line_a_stage_and_one_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [1000.0]
    monkeypatch.setattr("reports.tally.time.monotonic", lambda: now_s[0])
    sink = io.StringIO()
    lines = TallyLines(sink)
    lines.say("comparing")
    for second in range(30):
        now_s[0] = 1000.0 + second
        lines.count(second, 30)
    lines.end()
    assert (
        sink.getvalue() == "[   0 s] comparing\n[  11 s] comparing: 11 of 30\n[  22 s] comparing: 22 of 30\n"
    )


def test_where_there_is_no_terminal_lines_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(shown_tally(), TallyLines)


def test_a_bar_shows_the_stage_and_goes_away(capsys: pytest.CaptureFixture[str]) -> None:
    bar = TallyBar()
    bar.say("comparing [1/2]")
    bar.count(3, 10)
    bar.say("writing")
    bar.end()
    assert capsys.readouterr().out == ""
