import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from harness.domain.reading import Blind
from harness.domain.reading_summary import ReaderRow, ReadingSummary, SideRow
from harness.domain.run import Side
from reports.gate.markdown import comment, escaped, fenced
from reports.plain_text import harmless
from tests.unit.reports.gate.conftest import HOSTILE, MakeRecord

MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
_SHOWN = st.text(alphabet=st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp")), max_size=60)


@given(_SHOWN)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    line = " ".join(text.split())
    shown = MARKDOWN.renderInline(escaped(f"x {line} x")).replace("<!-- -->", "")
    assert html.unescape(shown) == f"x {line} x".replace("  ", " ")
    assert "<" not in shown


@pytest.mark.parametrize("text", ["@someone look", "see #12", "https://evil.example", "www.evil.example"])
def test_nobody_is_called_and_nothing_is_linked(text: str) -> None:
    shown = MARKDOWN.renderInline(escaped(text))
    assert not re.search(r"@\w|#\d|://|www\.", shown)
    assert "<a" not in shown


@given(st.text(alphabet="`~ab\n", max_size=60))
def test_no_text_closes_its_fence(text: str) -> None:
    (token,) = MARKDOWN.parse(fenced(text))
    assert token.type == "fence"
    assert token.content == f"{text}\n"


def test_a_comment_has_the_verdict_the_table_and_five_items(a_record: MakeRecord) -> None:
    record = a_record(said=HOSTILE, arms=("zero-shot", "rag-3"))
    told = comment(record)
    assert told.startswith(f"### {record.status}: ")
    assert told.count("\n| target\\-metric on sums") == 2
    assert told.count("\n**i") == 5
    shown = MARKDOWN.render(told)
    assert "<script" not in shown
    assert "<img" not in shown
    assert harmless("\x1b") in told
    told.encode("utf-8")


def test_a_comment_is_short_enough_for_github_whatever_was_said(a_record: MakeRecord) -> None:
    assert len(comment(a_record(said="\x1b" * 1_000_000))) < 65_536
    noted = a_record()
    assert noted.verdict is not None
    many = replace(noted, verdict=replace(noted.verdict, notes=("note " * 100,) * 500))
    assert len(comment(many)) < 65_536
    assert "The rest is left out here" in comment(many)


def test_an_unfinished_gate_is_told_as_unfinished(a_record: MakeRecord) -> None:
    assert comment(a_record(finished=False)).startswith("### UNFINISHED: 160 of 160 replies")


def test_what_people_read_is_told_and_no_reader_s_name_does_anything(a_record: MakeRecord) -> None:
    reader = ReaderRow(
        reviewer="<img src=x> @ada", blind=Blind.PAIRS, items=50, replies=100, accepted=61, seconds=12.0
    )
    side = SideRow(side=Side.CANDIDATE, read=50, accepted=40, low=0.66, high=0.90)
    reading = ReadingSummary(
        gate_id="0123",
        readable=80,
        differing=30,
        readers=(reader,),
        sides=(side,),
        only_candidate=9,
        only_baseline=2,
    )
    bare = a_record()
    shown = MARKDOWN.render(comment(replace(bare, reading=reading)))
    assert "Read by people" not in comment(bare)
    assert "<li>Candidate: 40 of 50 replies accepted (80.0 %; 66.0 to 90.0).</li>" in shown
    assert "61 of 100 replies accepted" in shown
    assert "<img" not in shown
    assert "@ada" not in shown
