"""An experiment as a page: every cell, every difference, every hole, and no words that act."""

from dataclasses import replace

import pytest

from harness.domain.experiment import (
    Cell,
    Difference,
    ExperimentReport,
    Hole,
    Interval,
    Measured,
    Metric,
    Row,
    ScoredItem,
)
from reports.experiment import coverage_sentence, markdown, sentence, spelled, table_of

BASE, TUNED = Cell(data="none", recipe="r"), Cell(data="focused", recipe="r")
ROW = Row(
    cell=BASE,
    items=48,
    clusters=40,
    mean=0.1234,
    interval=Interval(low=0.05, high=0.2),
    target=0.1234,
    schema=0.5,
    probes=None,
    failed=0,
    prompt_tokens=120.4,
    completion_tokens=60.0,
    ttft_s=None,
    e2e_s=None,
    waits=0,
)
REPORT = ExperimentReport(
    name="dilution",
    question="Does it help?",
    digest="a" * 64,
    finished_on="2026-11-25T12:00:00+00:00",
    task="fractions",
    reference=BASE,
    factors=("data",),
    rows=(ROW, replace(ROW, cell=TUNED, mean=0.5, ttft_s=0.25, e2e_s=1.5, waits=12)),
    differences=(
        Difference(cell=TUNED, against=BASE, delta=0.3766, interval=Interval(low=0.21, high=0.5), items=48),
    ),
    holes=(),
    measured=(
        Measured(
            cell=BASE,
            items=(ScoredItem(item_id="i", cluster="c", target=0.0, schema=0.0),),
            checkpoint="/results/experiments/adapters/0123/epoch-1",
            checkpoint_digest="b" * 64,
            gate="/results/gates/0123-1",
            measured_on="2026-11-24T12:00:00+00:00",
        ),
    ),
    shows="a little",
    cannot_show="the rest",
    elapsed_s=600.0,
)


def test_a_page_says_everything_once() -> None:
    assert markdown(REPORT) == (
        "# dilution\n"
        "\n"
        "**Does it help?**\n"
        "\n"
        "All 2 cells were measured. Task `fractions`, all cells on the same items; 2026-11-25, experiment "
        "file `aaaaaaaaaaaa`; the last run took 10 minutes.\n"
        "\n"
        "| cell | target | 95 % interval | n | schema | tokens in | tokens out | first token | "
        "whole reply |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        "| none | 0.123 | 0.050 to 0.200 | 48 | 0.500 | 120 | 60 | - | - |\n"
        "| focused | 0.500 | 0.050 to 0.200 | 48 | 0.500 | 120 | 60 | 0.25 s | 1.50 s |\n"
        "\n"
        "Means, failures scored 0; the interval is that of target, robust to items that share a source; "
        "tokens are means of an item. Times are medians of 12 cold requests, one at a time.\n"
        "\n"
        "## Differences\n"
        "\n"
        "| cell | against | points | interval | n | reading |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| focused | none | +37.7 | +21.0 to +50.0 | 48 | better |\n"
        "\n"
        "Paired differences of target in points, item by item. The intervals hold all together with 95 % "
        "(Bonferroni, what holes left out included); *not shown* says that neither sign is, and never that "
        "there is no difference.\n"
        "\n"
        "## What it shows at this size\n"
        "\n"
        "a little\n"
        "\n"
        "## What it cannot show\n"
        "\n"
        "the rest\n"
        "\n"
        "## Records\n"
        "\n"
        "| cell | checkpoint | digest | measured | gate |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| none | 0123/epoch-1 | bbbbbbbbbbbbbbbb | 2026-11-24 | 0123-1 |\n"
    )


def test_what_was_never_measured_has_no_column_and_the_metric_comes_first() -> None:
    probed = replace(ROW, mean=0.7, probes=0.7, prompt_tokens=None)
    headings, rows = table_of(replace(REPORT, metric=Metric.PROBES, rows=(probed, ROW)))
    assert headings == ("cell", "probes", "95 % interval", "n", "target", "schema", "tokens in", "tokens out")
    assert rows[0] == ("none", "0.700", "0.050 to 0.200", "48", "0.123", "0.500", "-", "60")
    headings, _ = table_of(replace(REPORT, rows=(ROW,)))
    assert "probes" not in headings
    assert "first token" not in headings


def test_holes_are_named_with_their_reasons() -> None:
    hole = Hole(cell=TUNED, reason="training stopped")
    page = markdown(replace(REPORT, rows=(ROW,), differences=(), holes=(hole,)))
    assert "1 of 2 cells were measured; 1 are holes." in page
    assert "## Holes\n\n- focused: training stopped\n" in page
    assert "Nothing can be compared" in page
    nothing = replace(REPORT, rows=(), differences=(), holes=(hole,), measured=())
    assert coverage_sentence(nothing) == "None of 1 cells was measured."
    assert "## Records" not in markdown(nothing)


@pytest.mark.parametrize(
    "words", ["<script>x</script>", "a | b", "\x1b[31mred", "# no\n# heading", "[l](u)", "`c`"]
)
def test_words_from_outside_are_shown_and_never_obeyed(words: str) -> None:
    page = markdown(replace(REPORT, question=words, holes=(Hole(cell=TUNED, reason=words),), shows=words))
    assert "\x1b" not in page
    assert "<script" not in page
    assert words not in page
    assert page.count("\n# ") == 0
    assert len({line.count(" | ") for line in page.splitlines() if line.startswith("| ")}) == 3


def test_a_difference_is_a_sentence() -> None:
    (difference,) = REPORT.differences
    assert sentence(difference, ("data",)) == "focused against none: +37.7 points (+21.0 to +50.0), better"
    unsure = replace(difference, interval=None)
    assert sentence(unsure, ("data",)).endswith("(one source: none), not shown")
    assert spelled(Interval(low=0.0, high=1.0), signed=False) == "0.000 to 1.000"


def test_what_training_took_stands_beside_the_cells_that_were_trained() -> None:
    headings, rows = table_of(replace(REPORT, rows=(ROW, replace(ROW, trained_s=192.0))))
    assert [row[headings.index("training")] for row in rows] == ["-", "3.2 min"]
    assert "training" not in table_of(replace(REPORT, rows=(ROW,)))[0]
