import re
from dataclasses import replace
from html import unescape

import pytest

from harness.domain.verdict import GateVerdict, Status
from reports.gate.page import gate_page
from tests.unit.reports.gate.conftest import HOSTILE, MakeRecord

pytest.importorskip("vl_convert", reason="weighbridge[report] is not installed")


@pytest.fixture(scope="module")
def page(a_record: MakeRecord) -> str:
    return gate_page(a_record(said=HOSTILE, arms=("zero-shot", "rag-3")))


def test_the_verdict_comes_first_in_one_sentence(page: str, a_record: MakeRecord) -> None:
    heading = page[page.index("<h1>") : page.index("</h1>")]
    record = a_record(arms=("zero-shot", "rag-3"))
    assert record.verdict is not None
    assert str(record.verdict.status) in heading
    assert page.index("<h1>") < page.index("<svg")


def test_hostile_text_is_text(page: str) -> None:
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "{{ 7 * 7 }}" in page
    page.encode("utf-8")


def test_the_page_asks_the_network_for_nothing(page: str) -> None:
    links = set(re.findall(r"""(?:src|href)=["']([^"'#][^"']*)""", page)) - {"data:,"}
    assert links == set()
    assert "default-src 'none'" in unescape(page)
    assert "unsafe-inline" not in page


def test_every_chart_stands_beside_a_label(page: str) -> None:
    assert page.count("<svg") == page.count('role="img" aria-label=') >= 5


def test_an_unfinished_gate_is_shown_as_unfinished(a_record: MakeRecord) -> None:
    page = gate_page(a_record(finished=False))
    assert "UNFINISHED" in page
    assert "160 of 160 replies are recorded; run the same gate again to go on" in page
    assert "This gate is not finished" in page


def test_an_evaluation_decides_nothing_and_says_so(a_record: MakeRecord) -> None:
    alone = GateVerdict(status=Status.INVALID, reason="an evaluation decides nothing", verdicts=())
    assert "EVALUATED" in gate_page(replace(a_record(), verdict=alone, replayed=None))


def test_a_record_that_its_journals_belie_is_not_to_be_trusted(a_record: MakeRecord) -> None:
    assert "Do not trust this record" in gate_page(replace(a_record(), replayed=False))


def test_a_gate_that_has_recorded_nothing_yet_still_makes_a_page(a_record: MakeRecord) -> None:
    record = a_record(finished=False)
    assert "0 of 160 replies are recorded" in gate_page(replace(record, results={}))
