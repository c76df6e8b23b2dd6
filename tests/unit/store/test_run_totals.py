import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.response import FailureKind, FinishReason, GenerationFailure, Response, Timing
from harness.domain.score import Score
from harness.stats.paired_scores import cluster_mean
from harness.store.run_totals import run_metrics, run_usage, score_series


@dataclass(frozen=True)
class Line:
    cluster: str
    scores: dict[str, Score] = field(default_factory=dict)


def metrics(lines: list[Line]) -> Mapping[str, Any]:
    return run_metrics(score_series(lines), [line.cluster for line in lines])


def reply(ttft_s: float | None = None) -> Response:
    timing = None if ttft_s is None else Timing(ttft_s=ttft_s, e2e_s=2 * ttft_s, tpot_s=None)
    return Response(
        text="x", finish_reason=FinishReason.STOP, prompt_tokens=10, completion_tokens=3, timing=timing
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), min_size=2, max_size=30))
def test_mean_and_error_are_those_of_the_cluster_mean(drawn: list[tuple[float, int]]) -> None:
    lines = [Line(str(source), {"target": Score(value=value)}) for value, source in drawn]
    found = metrics(lines)
    assert (list(found["metric"]), list(found["part"]), list(found["items"])) == (
        ["target"],
        [""],
        [len(drawn)],
    )
    if len({source for _, source in drawn}) == 1:
        assert math.isnan(found["error"][0])
        return
    mean = cluster_mean([value for value, _ in drawn], [source for _, source in drawn])
    assert found["mean"][0] == pytest.approx(mean.value)
    assert found["error"][0] == pytest.approx(mean.error, abs=1e-12)


def test_parts_have_rows_of_their_own() -> None:
    lines = [
        Line("a", {"target": Score(value=0.5, parts={"answer": 1.0})}),
        Line("b", {"target": Score(value=0.5)}),
    ]
    found = metrics(lines)
    assert list(zip(found["part"], found["items"], found["sources"], strict=True)) == [
        ("", 2, 2),
        ("answer", 1, 1),
    ]


def test_usage_counts_tokens_failures_and_waits() -> None:
    failure = GenerationFailure(kind=FailureKind.TIMEOUT, message="late")
    found = {
        name: column[0] for name, column in run_usage([reply(0.1), reply(0.3), reply(), failure]).items()
    }
    assert (found["items"], found["failures"]) == (4, 1)
    assert (found["prompt_tokens"], found["completion_tokens"]) == (30, 9)
    assert found["ttft_s_p50"] == pytest.approx(0.2)
    assert math.isnan(found["tpot_s_p50"])


def test_a_run_that_has_not_begun_has_no_rows() -> None:
    assert {len(column) for column in (*metrics([]).values(), *run_usage(()).values())} == {0}
