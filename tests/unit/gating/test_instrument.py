import dataclasses
from collections.abc import Callable, Sequence

import msgspec.structs
import pytest

from harness.domain.conditions import Conditions
from harness.domain.manifest import GateManifest
from harness.domain.objective import INTERACTIVE, Objective
from harness.domain.policy import LatencyPolicy, Policy
from harness.domain.response import FailureKind, FinishReason, GenerationFailure, Outcome, Response, Timing
from harness.domain.run import ItemResult
from harness.domain.suite import Suite
from harness.domain.verdict import Status, Verdict
from harness.gating.gate import decide
from harness.gating.instrument import limits_of

Recorded = Callable[..., tuple[GateManifest, dict[str, tuple[ItemResult, ...]]]]

FAILURE = GenerationFailure(kind=FailureKind.TIMEOUT, message="no token within 60 s")


def waits(pairs: int, *, ttft_s: float = 0.1) -> list[Timing]:
    """Waiting times that vary from request to request."""
    firsts = [ttft_s * (1 + number * 7 % 20 / 10) for number in range(pairs)]
    return [Timing(ttft_s=first, e2e_s=first + 0.2, tpot_s=0.02) for first in firsts]


def fit(counts: dict[str, int]) -> Conditions:
    return Conditions(answered=counts, lags_us=(50,) * 1_000, lateness_us=(0,) * 100, cpu_s=1.0, wall_s=20.0)


@pytest.fixture(scope="session")
def under(recorded: Recorded) -> Callable[..., Verdict]:
    """Decides a question of waiting time measured under the given conditions."""

    def build(
        stretches: Callable[[dict[str, int]], Sequence[Conditions]],
        *,
        pairs: int = 500,
        candidate: Sequence[Timing | GenerationFailure] | None = None,
        **latency: object,
    ) -> Verdict:
        policy = Policy(latency=LatencyPolicy(**latency))  # type: ignore[arg-type]
        sides = (waits(pairs), candidate or waits(pairs))
        manifest, results = recorded({"sums": sides}, suite=Suite.LATENCY, policy=policy)
        counts = {run_id: len(found) for run_id, found in results.items()}
        verdict = decide(manifest, results.__getitem__, lambda _: stretches(counts))
        return verdict.verdicts[0]

    return build


Under = Callable[..., Verdict]


def test_waiting_times_of_a_client_that_kept_up_pass(under: Under) -> None:
    assert under(lambda counts: [fit(counts)]).status is Status.PASSED


def test_waiting_times_without_a_record_of_the_client_are_invalid(under: Under) -> None:
    verdict = under(lambda _: [])
    assert verdict.status is Status.INVALID
    assert verdict.reason == (
        "1000 of 1000 waiting times have no record of how well the client kept up; begin the gate anew to "
        "measure them again"
    )


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"lags_us": (20_000,) * 1_000}, "the client itself was 20 ms late (p99), over 5 %"),
        ({"lateness_us": (20_000,) * 100}, "the client itself was 20 ms late (p99), over 5 %"),
        ({"planned_s": 98.0, "taken_s": 100.0}, "requests were begun at 98.0 % of the planned rate"),
        ({"cpu_s": 19.0}, "the client's own core was 95 % busy"),
        ({"chunks": 100, "coalesced": 50}, "50 % of the chunks came together"),
        ({"prompt_tokens": 100_000, "cached_tokens": 90_000}, "the servers took 90 % of the prompts"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("times", [1.0, 3.0])
def test_waiting_times_of_a_client_that_did_not_keep_up_are_invalid_good_or_bad(
    under: Under, spoilt: dict[str, object], why: str, times: float
) -> None:
    verdict = under(
        lambda counts: [dataclasses.replace(fit(counts), **spoilt)],  # type: ignore[arg-type]
        candidate=waits(500, ttft_s=0.1 * times),
    )
    assert verdict.status is Status.INVALID
    assert why in verdict.reason
    assert verdict.evidence is not None


def test_too_few_pairs_stay_without_an_answer_and_say_what_else_is_wrong(under: Under) -> None:
    verdict = under(lambda _: [], pairs=499)
    assert verdict.status is Status.INCONCLUSIVE
    assert "500 pairs are needed for a verdict on waiting time; besides, 998 of 998 " in verdict.reason


def test_the_time_per_token_is_held_against_the_stretch_it_was_read_from(under: Under) -> None:
    # 5 ms are a quarter of a token's 20 ms, and a fortieth of the 200 ms from first to last token.
    lag = {"lags_us": (5_000,) * 1_000}
    late = lambda counts: [dataclasses.replace(fit(counts), **lag)]  # type: ignore[arg-type]  # noqa: E731
    assert under(late, metrics=("tpot_s",)).status is Status.PASSED
    assert under(late, metrics=("ttft_s",), candidate=waits(500, ttft_s=0.04)).status is Status.INVALID


def test_goodput_and_tokens_stand_in_the_evidence(under: Under) -> None:
    slow = [FAILURE] * 10 + [Timing(ttft_s=9.0, e2e_s=9.2, tpot_s=0.02)] * 15 + waits(475)
    verdict = under(lambda counts: [fit(counts)], candidate=slow, slo_ttft_s=0.3, slo_tpot_s=0.05)
    assert verdict.evidence is not None
    details = verdict.evidence.details
    assert details["goodput_share_baseline"] == 1.0
    assert details["goodput_share_candidate"] == 475 / 500
    # One token a reply, as the recorded results say, in 20 s.
    assert details["output_tokens_per_s_baseline"] == 500 / 20
    assert details["output_tokens_per_s_candidate"] == 490 / 20
    assert details["client_lag_p99_s"] == 50e-6
    assert details["client_busy_share"] == 0.05


def test_where_only_goodput_counts_waits_are_held_against_the_objective(recorded: Recorded) -> None:
    failed, whole = [FAILURE] * 3, waits(5)
    manifest, results = recorded({"sums": (waits(8), [*failed, *whole])}, suite=Suite.LATENCY)
    side = [
        msgspec.structs.replace(each, outcome=msgspec.structs.replace(each.outcome, completion_tokens=tokens))
        if isinstance(each.outcome, Response)
        else each
        for each, tokens in zip(results[manifest.runs[1].id], (0, 0, 0, 1, 11, 11, 21, 31), strict=True)
    ]
    objective = Objective(ttft_s=0.5, tpot_s=0.03)
    assert [span.seconds for span in limits_of(side, objective)] == [0.5, pytest.approx(0.03 * 15)]
    assert [span.seconds for span in limits_of(side[:4], objective)] == [0.5]


def test_the_named_objectives_are_those_of_chats_and_of_tools() -> None:
    assert Objective() == Objective(ttft_s=2.0, tpot_s=0.1)
    assert Objective(ttft_s=0.5, tpot_s=0.03) == INTERACTIVE


@pytest.mark.parametrize(
    ("timing", "is_met"),
    [
        (Timing(ttft_s=2.0, e2e_s=9.0, tpot_s=0.1), True),
        (Timing(ttft_s=2.1, e2e_s=9.0, tpot_s=0.1), False),
        (Timing(ttft_s=2.0, e2e_s=9.0, tpot_s=0.11), False),
        (Timing(ttft_s=2.0, e2e_s=2.0, tpot_s=None), True),
        (None, False),
    ],
)
def test_an_objective_is_met_when_both_waits_are_within_it(timing: Timing | None, *, is_met: bool) -> None:
    reply: Outcome = Response(
        text="2", finish_reason=FinishReason.STOP, prompt_tokens=9, completion_tokens=9, timing=timing
    )
    assert Objective().met_by(reply) is is_met
    assert not Objective().met_by(FAILURE)
