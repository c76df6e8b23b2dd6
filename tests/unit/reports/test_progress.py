import io
import sys
from collections.abc import Callable

import pytest

from harness.domain.response import FailureKind, FinishReason, GenerationFailure, Response
from harness.domain.run import ItemResult
from reports.progress import Bar, Lines, shown_progress

ANSWERED = ItemResult(
    run_id="r",
    item_id="i",
    cluster="c",
    outcome=Response(text="2", finish_reason=FinishReason.STOP, prompt_tokens=1, completion_tokens=1),
)
FAILED = ItemResult(
    run_id="r", item_id="j", cluster="c", outcome=GenerationFailure(kind=FailureKind.TIMEOUT, message="late")
)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock, in seconds."""

    def set_to(now_s: float) -> None:
        monkeypatch.setattr("reports.progress.time.monotonic", lambda: now_s)

    set_to(1000.0)
    return set_to


def test_a_log_gets_a_line_a_stage_and_a_line_at_the_end(at: Callable[[float], None]) -> None:
    sink = io.StringIO()
    lines = Lines(sink)
    lines.begin("items", total=5, done=2)
    lines.say("measuring")
    for second, result in enumerate((ANSWERED, FAILED, ANSWERED), start=1):
        at(1000.0 + second)
        lines.advance(result)
    lines.say("deciding")
    lines.end()
    assert sink.getvalue() == (
        "[   0 s] items: 2 of 5 answered before\n"
        "[   0 s] measuring\n"
        "[   3 s] 5 of 5 items, 1 failed, 1 items/s, 1 tokens/s\n"
        "[   3 s] deciding\n"
    )


def test_a_log_gets_a_line_every_ten_seconds_while_items_come(at: Callable[[float], None]) -> None:
    sink = io.StringIO()
    lines = Lines(sink)
    lines.begin("items", total=100, done=0)
    for second in range(1, 31):
        at(1000.0 + second)
        lines.advance(ANSWERED)
    assert sink.getvalue().splitlines()[1:] == [
        "[  11 s] 11 of 100 items, 1 items/s, 1 tokens/s, 1 min 30 s left",
        "[  22 s] 22 of 100 items, 1 items/s, 1 tokens/s, 1 min 19 s left",
    ]


def test_items_that_come_together_are_told_together(at: Callable[[float], None]) -> None:
    sink = io.StringIO()
    lines = Lines(sink)
    lines.begin("requests", total=60, done=0)
    at(1032.0)
    lines.advance(*[ANSWERED] * 32)
    assert sink.getvalue().splitlines()[1:] == [
        "[  32 s] 32 of 60 items, 1 items/s, 1 tokens/s, 29 s left",
    ]


def test_a_stage_that_only_counts_on_is_told_once(at: Callable[[float], None]) -> None:
    sink = io.StringIO()
    lines = Lines(sink)
    for second in range(3):
        at(1000.0 + second)
        lines.say(f"{second} s: loading the model")
    lines.say("ready")
    assert sink.getvalue() == "[   0 s] 0 s: loading the model\n[   2 s] ready\n"


def test_a_log_gets_lines_and_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(shown_progress(), Lines)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert isinstance(shown_progress(), Bar)


def test_a_bar_counts_failures_and_goes_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    bar = Bar()
    bar.begin("items", total=3, done=1)
    bar.say("measuring [bold]")
    bar.advance(FAILED)
    bar.say("measuring [bold]")
    bar.advance(ANSWERED)
    bar.end()
    err = capsys.readouterr().err
    assert "measuring [bold]" in err
    assert "1 failed" in err
    assert "3/3" in err
