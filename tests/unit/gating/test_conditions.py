import dataclasses

import pytest

from harness.domain.conditions import Conditions
from harness.gating.conditions import Span, distrusted, doubted, late_s, percentile_s, vouched

FIT = Conditions(
    answered={"a": 500, "b": 500},
    lags_us=(50,) * 1_000,
    lateness_us=(20,) * 1_000,
    cpu_s=10.0,
    wall_s=100.0,
    chunks=30_000,
    coalesced=30,
    planned_s=100.0,
    taken_s=100.05,
    prompt_tokens=200_000,
    cached_tokens=16_000,
)
SPANS = (Span(name="ttft_s p50", seconds=0.04), Span(name="e2e_s p95", seconds=2.0))


def test_a_client_that_kept_up_is_believed() -> None:
    assert distrusted([FIT], SPANS) is None


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"lags_us": ()}, "the client kept no watch on itself"),
        (
            {"lags_us": (50,) * 985 + (2_500,) * 15},
            "the client itself was 2.5 ms late (p99), over 5 % of the 40 ms of ttft_s p50",
        ),
        ({"lateness_us": (2_000,) * 1_000}, "the client itself was 2"),
        ({"taken_s": 101.2}, "requests were begun at 98.8 % of the planned rate, under 99 %"),
        ({"cpu_s": 80.5}, "the client's own core was 80 % busy, over 80 %"),
        ({"coalesced": 1_600}, "5 % of the chunks came together with the one before, over 5 %"),
        ({"cached_tokens": 130_000}, "the servers took 65 % of the prompts from their prefix cache"),
        ({"prompt_tokens": 50_000, "cached_tokens": 26_000}, "the servers took 52 % of the prompts"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_client_that_did_not_keep_up_is_not_believed(spoilt: dict[str, object], why: str) -> None:
    told = distrusted([dataclasses.replace(FIT, **spoilt)], SPANS)  # type: ignore[arg-type]
    assert told is not None
    assert told.startswith(why)


@pytest.mark.parametrize(
    "still_fit",
    [
        {"lags_us": (50,) * 995 + (2_500,) * 5},
        {"taken_s": 101.0},
        {"cpu_s": 80.0},
        {"coalesced": 1_500},
        {"prompt_tokens": 0, "cached_tokens": 0},
        {"planned_s": 0.0, "taken_s": 0.0},
    ],
    ids=lambda value: next(iter(value)),
)
def test_what_is_within_its_limit_is_believed(still_fit: dict[str, object]) -> None:
    assert distrusted([dataclasses.replace(FIT, **still_fit)], SPANS) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoilt", "by_load"),
    [
        ({"lateness_us": (2_000,) * 1_000, "coalesced": 30_000}, True),
        ({"taken_s": 101.2}, True),
        ({"cpu_s": 80.5}, True),
        ({"coalesced": 30_000}, False),
        ({"cached_tokens": 130_000}, False),
        ({"lags_us": ()}, False),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_only_what_the_client_did_not_keep_up_with_may_be_mended_by_less_load(
    spoilt: dict[str, object], *, by_load: bool
) -> None:
    doubt = doubted(dataclasses.replace(FIT, **spoilt), SPANS)  # type: ignore[arg-type]
    assert doubt is not None
    assert doubt.by_load is by_load


def test_blocks_that_a_chat_template_fills_may_be_shared() -> None:
    preamble = dataclasses.replace(FIT, prompt_tokens=300_000, cached_tokens=128 * 1_000)
    assert distrusted([preamble], SPANS) is None


def test_stretches_are_judged_together() -> None:
    late = dataclasses.replace(FIT, lags_us=(50_000,) * 10)
    assert distrusted([FIT, dataclasses.replace(late, lags_us=late.lags_us[:9])], SPANS) is None
    assert distrusted([FIT, late, late], SPANS) is not None


def test_results_that_no_stretch_answers_for_are_not_believed() -> None:
    assert vouched([FIT], {"a": 500, "b": 500}) is None
    assert vouched([FIT], {"a": 400, "b": 0}) is None
    assert vouched([FIT, FIT], {"a": 1_000}) is None
    told = vouched([FIT], {"a": 510, "b": 503})
    assert told is not None
    assert told.startswith("13 of 1013 waiting times have no record")
    assert vouched([], {"a": 1}) is not None


@pytest.mark.parametrize(
    ("values", "q", "seconds"), [((), 0.99, 0.0), ((5,), 0.5, 5e-6), (range(1, 101), 0.99, 99e-6)]
)
def test_a_percentile_is_an_order_statistic(values: range, q: float, seconds: float) -> None:
    assert percentile_s(tuple(values), q) == seconds


def test_a_client_is_late_by_its_lag_and_by_its_lateness() -> None:
    assert late_s(FIT) == pytest.approx(70e-6)
