import pytest

from harness.domain.drift import DriftReport
from reports.drift import drift_lines
from tests.fakes.drift_reports import a_drift_report


@pytest.fixture
def report() -> DriftReport:
    return a_drift_report()


def test_the_lines_say_what_to_do_and_then_what_was_found(report: DriftReport) -> None:
    lines = list(drift_lines(report))
    assert lines[:2] == ["RETRAIN  Ada, by 2026-12-12", "  inputs moved."]
    assert "60 distinct live inputs (2 repeats, 5 more not drawn) against 500 trained on, p 0.001" in lines[3]
    assert lines[4] == "  told apart 83 times in 100 (75 to 91); 50 is guessing"
    assert "last changed 2026-01-02" in "\n".join(lines)
    assert lines[-1].endswith("sums: target from 0.900 to 0.700 on 2026-11-01")


def test_what_users_wrote_is_cut_and_harmless(report: DriftReport) -> None:
    text = "\n".join(drift_lines(report))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) < 250
