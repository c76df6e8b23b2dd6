from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.pacing import dispersion
from harness.engine.arrivals import poisson_schedule
from harness.engine.self_watch import SelfWatch
from tests.fakes.streams import HandClock

quick = settings(max_examples=40)
seeds = st.integers(0, 2**31)
rates = st.floats(0.01, 10_000.0)


@quick
@given(st.integers(0, 300), rates, seeds)
def test_a_schedule_ascends_and_can_be_drawn_again(count: int, rate: float, seed: int) -> None:
    schedule = poisson_schedule(count, rate_per_s=rate, seed=seed)
    assert len(schedule) == count
    assert all(0 < before < after for before, after in pairwise(schedule))
    assert schedule == poisson_schedule(count, rate_per_s=rate, seed=seed)


@settings(max_examples=10)
@given(seeds)
def test_a_schedule_is_as_dispersed_as_a_poisson_process_and_keeps_its_rate(seed: int) -> None:
    schedule = poisson_schedule(20_000, rate_per_s=100.0, seed=seed)
    # 2,000 counts of mean 10: five standard errors of the ratio, sqrt(2 / n), and of the mean.
    assert dispersion(schedule, window_s=0.1) == pytest.approx(1.0, abs=5 * (2 / 2_000) ** 0.5)
    assert len(schedule) / schedule[-1] == pytest.approx(100.0, rel=5 * 20_000**-0.5)


@quick
@given(st.lists(st.tuples(st.floats(0, 0.2), st.booleans()), max_size=40))
def test_neither_lag_nor_lateness_is_ever_below_zero(passing: list[tuple[float, bool]]) -> None:
    clock = HandClock()
    watch = SelfWatch(clock, clock, clock)
    watch.start()
    due_s = clock()
    for seconds, stalls in passing:
        (clock.stall_s if stalls else clock.pass_s)(seconds)
        watch.begun(clock(), due_s=due_s, scheduled=True)
        due_s = clock() + seconds / 2
    cut = watch.cut(())
    assert all(lag >= 0 for lag in (*cut.lags_us, *cut.lateness_us))
