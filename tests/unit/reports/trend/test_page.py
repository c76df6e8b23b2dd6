from dataclasses import replace

import pytest

from reports.trend.page import trend_page
from reports.trend.record import FlakyItem, TrendRecord, Usage
from tests.unit.reports.trend.conftest import MakePoints

pytest.importorskip("vl_convert", reason="weighbridge[report] is not installed")

HOSTILE = "</script><script>alert(1)</script>\u202e"
USAGE = Usage(
    subject="sums",
    arm="zero-shot",
    side="candidate",
    runs=20,
    replies=2_000,
    failures=10,
    prompt_tokens=20_000,
    completion_tokens=4_000,
    ttft_s_p50=0.1,
    ttft_s_p95=None,
    e2e_s_p50=None,
    e2e_s_p95=None,
)
FLAKY = FlakyItem(
    subject="sums",
    arm="zero-shot",
    checkpoint="night-1",
    item_id="i7",
    metric="target",
    runs=9,
    lowest=0.0,
    highest=1.0,
    mean=0.5,
)


@pytest.fixture
def record(points: MakePoints) -> TrendRecord:
    means = points([0.8] * 10 + [0.5] * 10)
    return TrendRecord(points=means, usage=(USAGE,), flaky=(FLAKY,), flaky_total=3, gates=20, unfinished=2)


def test_the_page_says_first_what_happened(record: TrendRecord) -> None:
    page = trend_page(record, about="all tasks")
    heading = page[page.index("<h1>") : page.index("</h1>")]
    assert "1 series over 20 gates have 1 lasting steps, and 3 items flicker" in heading
    assert "2 gates are unfinished and left out" in heading
    assert "night-10" in page
    assert "-30.0" in page
    assert "0.50 %" in page
    assert page.count("<svg") == 1


def test_hostile_names_are_text(record: TrendRecord) -> None:
    points = tuple(replace(point, subject=HOSTILE, checkpoint=HOSTILE) for point in record.points)
    flaky = (replace(FLAKY, item_id=HOSTILE),)
    page = trend_page(replace(record, points=points, flaky=flaky), about=HOSTILE)
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_store_without_scores_makes_a_page_that_says_so() -> None:
    empty = TrendRecord(points=(), usage=(), flaky=(), flaky_total=0, gates=0, unfinished=1)
    page = trend_page(empty, about="all tasks")
    assert "No finished gate has recorded a score." in page
    assert "<svg" not in page
