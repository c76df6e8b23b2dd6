from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from harness.domain.policy import Role
from harness.domain.verdict import Status
from reports.gate.github import annotations, command
from tests.unit.reports.gate.conftest import MakeRecord


@given(st.text(), st.text())
def test_no_text_ends_a_command_or_sets_a_property(title: str, message: str) -> None:
    line = command("error", title=title, message=message)
    head, _, said = line.removeprefix("::").partition("::")
    assert "\n" not in line
    assert "\r" not in line
    assert "," not in head
    assert ":" not in head
    assert said.replace("%25", "").replace("%0A", "").count("%") == 0


def test_a_regression_is_an_error_and_the_gate_speaks_last(a_record: MakeRecord) -> None:
    lines = list(annotations(a_record()))
    assert lines[0].startswith("::error title=target-metric on sums x zero-shot%3A REGRESSED::")
    assert lines[-1].startswith("::error title=weighbridge%3A REGRESSED::")


def test_what_is_only_reported_is_a_notice(a_record: MakeRecord) -> None:
    record = a_record()
    assert record.verdict is not None
    shown = tuple(replace(verdict, role=Role.REPORT) for verdict in record.verdict.verdicts)
    gate = replace(record.verdict, verdicts=shown, status=Status.PASSED)
    assert {line.split()[0] for line in annotations(replace(record, verdict=gate))} == {"::notice"}


def test_an_unfinished_gate_is_an_error(a_record: MakeRecord) -> None:
    (line,) = annotations(a_record(finished=False))
    assert line.startswith("::error title=weighbridge%3A UNFINISHED::")
