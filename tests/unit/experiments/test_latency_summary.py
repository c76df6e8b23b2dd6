import dataclasses
import math
from collections.abc import Callable, Sequence

import pytest

from harness.backends.chat_stream import StreamTrace
from harness.domain.conditions import Conditions
from harness.domain.objective import Objective
from harness.domain.response import FailureKind, GenerationFailure, Timing
from harness.domain.run import ItemResult, RunKind, RunSpec, Side
from harness.engine.timed import TimedReply
from harness.experiments.latency_summary import LatencySummary, percentiles, shown_ms, summarise
from harness.gating.conditions import Span

FAILURE = GenerationFailure(kind=FailureKind.TIMEOUT, message="no token within 60 s")
FIT = Conditions(answered={}, lags_us=(10, 20, 30), lateness_us=(5,), cpu_s=1.0, wall_s=50.0)

Summarised = Callable[..., LatencySummary]


@pytest.fixture(scope="session")
def summarised(
    a_run: Callable[..., RunSpec], results_of: Callable[..., tuple[ItemResult, ...]]
) -> Summarised:
    """Summarises requests with the given times."""

    def build(
        values: Sequence[Timing | GenerationFailure],
        seen: Conditions = FIT,
        limits: Sequence[Span] | None = None,
    ) -> LatencySummary:
        run = a_run(Side.CANDIDATE, [f"i{place}" for place in range(len(values))], kind=RunKind.LATENCY)
        replies = [
            TimedReply(result=result, trace=None if value is FAILURE else _trace(3))
            for result, value in zip(results_of(run, values), values, strict=True)
        ]
        return summarise(replies, seen, Objective(ttft_s=1.0, tpot_s=0.05), limits)

    return build


def _trace(tokens: int) -> StreamTrace:
    return StreamTrace(
        due_s=0.0,
        sent_s=0.0,
        token_s=tuple(map(float, range(tokens))),
        first_at=0,
        completion_tokens=tokens,
        attempts=1,
    )


def waited(ttft_s: float) -> Timing:
    return Timing(ttft_s=ttft_s, e2e_s=ttft_s + 0.2, tpot_s=0.02)


def test_failures_count_as_misses_and_as_waits_without_end(summarised: Summarised) -> None:
    found = summarised([FAILURE] * 20 + [waited(2.0)] * 30 + [waited(0.5)] * 50)
    assert (found.requests, found.failures) == (100, 20)
    assert (found.goodput_share, found.goodput_per_s, found.requests_per_s) == (0.5, 1.0, 2.0)
    ttft = next(each for each in found.percentiles if each.metric == "ttft_s")
    assert (ttft.n, ttft.seconds) == (100, (0.5, math.inf, None))


def test_gaps_between_chunks_are_pooled_over_replies(summarised: Summarised) -> None:
    found = summarised([waited(0.5)] * 10)
    gaps = next(each for each in found.percentiles if each.metric == "chunk_gap_s")
    assert (gaps.n, gaps.seconds) == (20, (1.0, None, None))


def test_a_client_that_did_not_keep_up_says_so(summarised: Summarised) -> None:
    late = Conditions(answered={}, lags_us=(40_000,), lateness_us=(), cpu_s=1.0, wall_s=50.0)
    assert summarised([waited(0.5)] * 10).invalid is None
    assert "the client itself was 40 ms late" in str(summarised([waited(0.5)] * 10, late).invalid)


def test_a_client_that_is_late_for_what_was_measured_may_be_in_time_for_the_objective(
    summarised: Summarised,
) -> None:
    late = dataclasses.replace(FIT, lags_us=(30_000,) * 100)
    assert summarised([waited(0.1)] * 100, late).invalid is not None
    assert summarised([waited(0.1)] * 100, late, [Span(name="limit", seconds=1.0)]).invalid is None
    told = summarised([waited(0.1)] * 100, late, [Span(name="limit", seconds=0.5)]).invalid
    assert told is not None
    assert "over 5 % of the 500 ms of limit" in told


@pytest.mark.parametrize(("n", "refused"), [(5, 3), (6, 2), (71, 2), (72, 1), (367, 1), (368, 0)])
def test_a_percentile_the_sample_cannot_carry_is_refused(n: int, refused: int) -> None:
    assert percentiles("ttft_s", map(float, range(n))).seconds.count(None) == refused


@pytest.mark.parametrize(("seconds", "shown"), [(None, "too few"), (math.inf, "never"), (0.0123456, "12.35")])
def test_percentiles_are_shown_in_milliseconds(seconds: float | None, shown: str) -> None:
    assert shown_ms(seconds) == shown
