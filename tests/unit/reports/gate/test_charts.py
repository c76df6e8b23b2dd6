"""The pictures of a gate's report show what their tables hold."""

from collections.abc import Callable

import pytest

from reports.gate.charts import interval_chart
from reports.gate.questions import questions
from reports.gate.record import GateRecord

pytest.importorskip("altair", reason="weighbridge[report] is not installed")
pytest.importorskip("vl_convert", reason="weighbridge[report] is not installed")


def test_every_question_has_its_row_in_the_chart_of_intervals(a_record: Callable[..., GateRecord]) -> None:
    asked = questions(a_record())
    svg = str(interval_chart(asked, ratios=False))
    assert [each.name for each in asked if each.name not in svg] == []
    assert 'd="M0,0L0,0' not in svg


def test_there_is_no_chart_of_what_was_not_measured(a_record: Callable[..., GateRecord]) -> None:
    assert interval_chart(questions(a_record()), ratios=True) is None
