import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.cost import CostReport, CostRow, Tariff, Training, Usage
from harness.errors import UsageError
from harness.gating.cost import cost_report, dominates

BASE = Usage(
    name="base x rag-3",
    checkpoint="base",
    arm="rag-3",
    is_trained=False,
    items=100,
    score=0.5,
    good_share=0.4,
    tokens_in=1000.0,
    tokens_out=50.0,
)
TUNED = dataclasses.replace(
    BASE, name="tuned x zero-shot", is_trained=True, score=0.7, good_share=0.5, tokens_in=200.0
)
PRICES = Tariff(million_in=1.0, million_out=10.0)

usages = st.builds(
    Usage,
    name=st.just("a rung"),
    checkpoint=st.just("any"),
    arm=st.just("zero-shot"),
    is_trained=st.booleans(),
    items=st.just(10),
    score=st.sampled_from([0.0, 0.5, 1.0]),
    good_share=st.sampled_from([0.0, 0.5, 1.0]),
    tokens_in=st.sampled_from([10.0, 100.0]),
    tokens_out=st.sampled_from([10.0, 100.0]),
    wait_s=st.sampled_from([None, 1.0, 2.0]),
)


def report(*rungs: Usage, tariff: Tariff = PRICES, training: float | None = None) -> CostReport:
    return cost_report(rungs, tariff, Training(cost=training), request_s=None)


def test_an_answer_costs_its_tokens_and_a_good_one_those_of_the_bad_as_well() -> None:
    (row,) = report(BASE).rows
    assert row.answer == pytest.approx(1000e-6 + 500e-6)
    assert row.thousand_good == pytest.approx(1000 * row.answer / 0.4)


def test_seconds_are_shared_out_by_the_tokens_of_a_rung_and_add_up() -> None:
    tariff = Tariff(gpu_second=2.0, prompt_weight=0.1)
    found = cost_report([BASE, TUNED], tariff, Training(), request_s=3.0)
    one, other = (row.usage.seconds or 0.0 for row in found.rows)
    assert one + other == pytest.approx(2 * 3.0)
    assert one / other == pytest.approx((50 + 100) / (50 + 20))
    assert found.rows[0].answer == pytest.approx(2.0 * one)


def test_seconds_that_were_never_measured_have_no_price() -> None:
    with pytest.raises(UsageError, match="every reply was known before"):
        report(BASE, tariff=Tariff(gpu_second=1.0))


def test_a_rung_that_is_worse_and_dearer_is_dominated_and_the_better_one_is_on_the_frontier() -> None:
    rows = report(BASE, TUNED).rows
    assert [row.dominated_by for row in rows] == ["tuned x zero-shot", ""]


def test_a_shorter_wait_keeps_a_rung_on_the_frontier() -> None:
    quick, slow = dataclasses.replace(BASE, wait_s=0.1), dataclasses.replace(TUNED, wait_s=5.0)
    assert [row.dominated_by for row in report(quick, slow).rows] == ["", ""]


@given(st.lists(usages, min_size=1, max_size=6))
def test_some_rung_is_always_on_the_frontier_and_none_dominates_itself(rungs: list[Usage]) -> None:
    known = [dataclasses.replace(rung, wait_s=None) for rung in rungs]
    rows = report(*known).rows
    assert any(not row.dominated_by for row in rows)
    assert not any(dominates(row, row) for row in rows)


@given(usages, usages)
def test_of_two_rungs_at_most_one_dominates_the_other(one: Usage, other: Usage) -> None:
    first, second = report(one, other).rows
    assert not (dominates(first, second) and dominates(second, first))


@pytest.mark.parametrize("training", [1.0, 50.0])
def test_at_the_break_even_volume_both_rungs_have_cost_the_same(training: float) -> None:
    found = report(BASE, TUNED, training=training)
    prompt, trained = (_thousand(row) for row in found.rows)
    even = found.break_even
    assert even is not None
    assert even.good_answers is not None
    thousands = even.good_answers / 1000
    assert thousands * prompt == pytest.approx(training + thousands * trained)


def _thousand(row: CostRow) -> float:
    assert row.thousand_good is not None
    return row.thousand_good


@pytest.mark.parametrize(
    ("change", "training", "reason"),
    [
        ({"good_share": 0.0}, 1.0, "never: tuned x zero-shot gave no answer with a score of 0.8 or more"),
        ({"tokens_in": 9000.0}, 1.0, "never: a good answer of tuned x zero-shot costs no less"),
        ({}, None, "but what training costs is not known: give --training-cost"),
    ],
)
def test_where_training_never_pays_or_nobody_knows_there_is_no_volume(
    change: dict[str, float], training: float | None, reason: str
) -> None:
    even = report(BASE, dataclasses.replace(TUNED, **change), training=training).break_even  # type: ignore[arg-type]
    assert even is not None
    assert even.good_answers is None
    assert reason in even.reason


def test_a_prompt_without_a_good_answer_cannot_be_held_against_training() -> None:
    even = report(dataclasses.replace(BASE, good_share=0.0), TUNED, training=1.0).break_even
    assert even is not None
    assert even.reason == (
        "no volume to compare: base x rag-3 gave no answer with a score of 0.8 or more at any price"
    )


@pytest.mark.parametrize(("daily", "verdict"), [(1000.0, "it pays"), (1.0, "it does not pay")])
def test_a_training_that_is_repeated_has_to_pay_before_it_is_due_again(daily: float, verdict: str) -> None:
    tariff = dataclasses.replace(PRICES, retrain_every_days=30.0, answers_per_day=daily)
    even = report(BASE, TUNED, tariff=tariff, training=10.0).break_even
    assert even is not None
    assert f"so {verdict} before it is due again" in even.reason
    trained = 1000 * (200e-6 + 500e-6) / 0.5
    assert even.thousand_good == pytest.approx(trained + 1000 * 10.0 / (30 * daily * 0.5))


def test_without_a_trained_rung_there_is_nothing_to_break_even() -> None:
    assert report(BASE).break_even is None


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ({}, "no price was given"),
        ({"million_in": -1.0}, "--price-in is -1"),
        ({"million_in": float("nan")}, "--price-in is nan"),
        ({"million_in": 1.0, "good": 0.0}, "--good is 0: use a score above 0 and up to 1"),
        ({"million_in": 1.0, "answers_per_day": 5.0}, "give both, or neither"),
        ({"million_in": 1.0, "answers_per_day": 0.0}, "--answers-per-day is 0: give a number above 0"),
    ],
)
def test_a_tariff_that_means_nothing_is_refused(given_: dict[str, float], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Tariff(**given_)
