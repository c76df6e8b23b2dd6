import pytest
from rich.text import Text

from reports.console import LOG_COLUMNS, plain_table, wide_console


def printed(capsys: pytest.CaptureFixture[str], *cells: str) -> list[str]:
    table = plain_table([f"c{place}" for place in range(len(cells))], right=["c1"])
    table.add_row(*map(Text, cells))
    wide_console().print(table)
    return capsys.readouterr().out.splitlines()


def test_what_is_too_long_is_folded_and_never_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    digest = "0123456789abcdef" * 20
    lines = printed(capsys, "checkpoint", "0.5", digest)
    assert len(lines) > 2
    assert all(len(line) <= LOG_COLUMNS for line in lines)
    assert "".join(line.split()[-1] for line in lines[1:]) == digest


def test_a_log_has_rows_of_one_line_however_narrow_the_window_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    _, row = printed(capsys, "a" * 60, "0.5", "b" * 60)
    assert row == f"{'a' * 60}  0.5  {'b' * 60}"
