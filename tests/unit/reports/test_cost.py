from dataclasses import replace

import pytest

from harness.domain.cost import BreakEven, CostReport, CostRow, Tariff, Training, Usage
from reports.cost import write_cost

USAGE = Usage(
    name="base x rag-3",
    checkpoint="base",
    arm="rag-3",
    is_trained=False,
    items=40,
    score=0.5,
    good_share=0.25,
    tokens_in=812.4,
    tokens_out=20.6,
    seconds=0.5,
    wait_s=1.25,
)
REPORT = CostReport(
    tariff=Tariff(million_in=1.0, million_out=10.0),
    rows=(
        CostRow(usage=USAGE, answer=0.001, thousand_good=4.0),
        CostRow(
            usage=replace(USAGE, name="tuned x rag-3", seconds=None, wait_s=None, good_share=0.0),
            answer=0.001,
            thousand_good=None,
            dominated_by="base x rag-3",
        ),
    ),
    training=Training(cost=12.0, training_s=600.0, measuring_s=90.0),
    break_even=BreakEven(trained="tuned x rag-3", prompt="base x rag-3", reason="never"),
)


def test_the_table_and_what_its_columns_mean(capsys: pytest.CaptureFixture[str]) -> None:
    write_cost(REPORT)
    page = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line]
    assert [line.split() for line in page[1:3]] == [
        [
            *("base", "x", "rag-3", "0.500", "0.250", "812", "21"),
            *("0.5", "1.25", "s", "0.001", "4", "on", "it"),
        ],
        [
            *("tuned", "x", "rag-3", "0.500", "0.000", "812", "21", "-", "-", "0.001", "-"),
            *("dominated", "by", "base", "x", "rag-3"),
        ],
    ]
    assert page[3].startswith("good: a score of 0.8 or more; ")
    assert page[5:] == [
        "One iteration: training 10.0 min + measuring 1.5 min",
        "One training costs 12",
        "Break-even of tuned x rag-3 against base x rag-3: never.",
    ]


def test_without_training_nothing_is_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    write_cost(replace(REPORT, training=Training(measuring_s=90.0), break_even=None))
    page = capsys.readouterr().out
    assert "One iteration" not in page
    assert "Break-even" not in page
