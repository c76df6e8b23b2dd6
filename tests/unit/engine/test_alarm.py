import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import pytest

from harness.backends.event_loop import loop_factory
from harness.engine.alarm import Alarm, FileAlarm, LoopAlarm, alarm, until
from tests.fakes.streams import HandClock


def ticking() -> float:
    """A clock that is the kernel's, and that nobody can know to be."""
    return time.perf_counter()


CLOCKS = pytest.mark.parametrize("clock", [time.perf_counter, ticking], ids=["file", "loop"])


def in_a_loop(body: Callable[[Alarm], Awaitable[None]], clock: Callable[[], float]) -> None:
    async def run() -> None:
        with alarm(clock) as ringing:
            await body(ringing)

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run())


@pytest.mark.skipif(sys.platform != "linux", reason="timers that are files are Linux's")
def test_linux_has_timers_that_are_files_for_the_clocks_of_the_kernel() -> None:
    async def body(ringing: Alarm) -> None:
        assert isinstance(ringing, FileAlarm)

    in_a_loop(body, time.perf_counter)


def test_any_other_clock_has_the_timers_of_the_loop() -> None:
    async def body(ringing: Alarm) -> None:
        assert isinstance(ringing, LoopAlarm)

    in_a_loop(body, ticking)


@CLOCKS
@pytest.mark.parametrize("ahead_s", [-1.0, 0.0, 0.003])
def test_it_rings_and_never_much_before_its_instant(clock: Callable[[], float], ahead_s: float) -> None:
    async def body(ringing: Alarm) -> None:
        at_s = clock() + ahead_s
        await until(ringing, clock)(at_s)
        # A loop's timer counts from a time it has read before, in whole milliseconds.
        assert clock() > at_s - 0.002

    in_a_loop(body, clock)


@CLOCKS
def test_the_last_stretch_is_waited_awake_and_never_cut_short(clock: Callable[[], float]) -> None:
    async def body(ringing: Alarm) -> None:
        at_s = clock() + 0.005
        await until(ringing, clock, awake_s=0.004)(at_s)
        assert clock() >= at_s

    in_a_loop(body, clock)


def test_others_have_their_turns_while_one_waits_awake() -> None:
    async def body() -> tuple[int, int]:
        clock, turns = HandClock(), 0

        async def somebody_else() -> None:
            nonlocal turns
            for _ in range(5):
                await asyncio.sleep(0)
                clock.pass_s(0.001)
                turns += 1

        other = asyncio.create_task(somebody_else())
        # The alarm is due at once: the whole wait is one that is spent awake.
        asyncio.get_running_loop().call_soon(clock.pass_s, 0.0)
        await until(clock, clock, awake_s=0.003)(clock() + 0.003)
        seen = turns
        await other
        return seen, turns

    seen, turns = asyncio.run(body())
    assert 3 <= seen <= turns == 5


@CLOCKS
def test_set_anew_it_forgets_the_former_instant(clock: Callable[[], float]) -> None:
    async def body(ringing: Alarm) -> None:
        rung: list[str] = []
        ringing.set(clock() + 0.002, lambda: rung.append("former"))
        await until(ringing, clock)(clock() + 0.01)
        assert rung == []

    in_a_loop(body, clock)


@CLOCKS
def test_closed_it_calls_nobody(clock: Callable[[], float]) -> None:
    async def body(ringing: Alarm) -> None:
        rung: list[str] = []
        ringing.set(clock() + 0.001, lambda: rung.append("rung"))
        ringing.close()
        ringing.close()
        await asyncio.sleep(0.01)
        assert rung == []

    in_a_loop(body, clock)
