import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing

import pytest
from msgspec import structs

from harness.domain.conditions import together
from harness.domain.response import FailureKind, GenerationFailure, Response
from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.task import GoldExample, Task
from harness.engine.closed_loop import ClosedLoop
from harness.engine.open_loop import OpenLoop
from harness.engine.schedule import interleave, reply_work
from harness.engine.stop_watch import Course, Gauges, Pace, Stretch, rehearsal, time_course
from harness.engine.timed import TimedReply
from harness.engine.work import ReplyWork, Wiring
from harness.errors import InvalidTask, ServerDied, UsageError
from harness.prompting.renderer import Renderer
from tests.fakes.streams import HandClock, ScriptedStreams

BROKEN = GenerationFailure(kind=FailureKind.CONNECTION, message="connection refused")
CLOSED = ClosedLoop(concurrency=3)


@pytest.fixture(scope="session")
def timed_works(a_task: Callable[..., Task], a_run: Callable[..., RunSpec]) -> Callable[..., list[ReplyWork]]:
    """Makes the timed work of both sides over the first items of a task, in turns."""

    def build(items: int = 10) -> list[ReplyWork]:
        task = a_task(items=items)
        names = [item.id for item in task.items]
        sides = [
            reply_work(a_run(side, names, kind=RunKind.LATENCY), task, timed=True, max_tokens=4)
            for side in (Side.BASELINE, Side.CANDIDATE)
        ]
        return [work for work in interleave(sides) if isinstance(work, ReplyWork)]

    return build


WorksOf = Callable[..., list[ReplyWork]]


def timed(  # noqa: PLR0913 - what a course has, each with a default
    works: Sequence[ReplyWork],
    streams: ScriptedStreams,
    *,
    pace: Pace = CLOSED,
    warm: int = 0,
    salt: str = "",
    gauges: Gauges | None = None,
    **wiring: object,
) -> list[Stretch]:
    """All stretches of a course."""
    course = Course(works=tuple(works), warm_up=rehearsal(works, warm), pace=pace, salt=salt)
    by_digest = dict.fromkeys((work.run.candidate.checkpoint.digest for work in works), streams)

    async def gather() -> list[Stretch]:
        run = time_course(course, wiring_of(wiring), by_digest, gauges or Gauges())
        async with aclosing(run) as stretches:
            return [stretch async for stretch in stretches]

    return asyncio.run(gather())


def wiring_of(parts: Mapping[str, object]) -> Wiring:
    fields: dict[str, object] = {
        "backends": {},
        "retrievers": {},
        "seed": 7,
        "clock": HandClock(),
        "watch": lambda: None,
        "confirm": lambda: None,
    }
    return Wiring(**(fields | dict(parts)))  # type: ignore[arg-type]


def replies(stretches: Sequence[Stretch]) -> list[TimedReply]:
    return [reply for stretch in stretches for reply in stretch.replies]


def open_at(clock: HandClock, rate: float = 5.0) -> OpenLoop:
    return OpenLoop(rate_per_s=rate, seed=3, wait=clock.until)


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("warm", [0, 3, 50])
def test_every_work_ends_in_one_result_and_the_warm_up_in_none(
    timed_works: WorksOf, warm: int, *, is_open: bool
) -> None:
    works, streams, clock = timed_works(), ScriptedStreams(), HandClock()
    stretches = timed(works, streams, pace=open_at(clock) if is_open else CLOSED, warm=warm, clock=clock)
    found = [(reply.result.run_id, reply.result.item_id) for reply in replies(stretches)]
    assert sorted(found) == sorted((work.run.id, work.item_id) for work in works)
    assert len(streams.asked) == len(works) + warm
    counted = together([stretch.conditions for stretch in stretches]).answered
    assert counted == {work.run.id: 10 for work in works}


def test_slots_stay_full_from_the_warm_up_into_the_measurement(timed_works: WorksOf) -> None:
    streams = ScriptedStreams(turns=lambda number: 100 + 31 * number)
    timed(timed_works(), streams, warm=3)
    assert streams.in_flight[:3] == [1, 2, 3]
    assert set(streams.in_flight[2:]) == {3}


def test_the_sides_are_begun_in_turns_a_b_b_a(timed_works: WorksOf) -> None:
    streams = ScriptedStreams()
    works = timed_works()
    asked = [work.run.side for work in works]
    assert asked[:4] == [Side.BASELINE, Side.CANDIDATE, Side.CANDIDATE, Side.BASELINE]
    timed(works, streams, pace=ClosedLoop(concurrency=1))
    questions = [request.prompt.messages[-1].content for request in streams.asked]
    assert questions == [f"What is {n} + 1?" for n in range(1, 11) for _ in range(2)]


def test_an_open_loop_begins_requests_at_their_own_instants_however_slow_the_replies(
    timed_works: WorksOf,
) -> None:
    clock = HandClock()
    streams = ScriptedStreams(turns=lambda _: 10_000)
    works = timed_works()
    stretches = timed(works, streams, pace=open_at(clock), clock=clock)
    dues = [request.due_s for request in streams.asked]
    assert streams.in_flight[-1] == len(works)
    assert dues == sorted(set(dues))
    assert together([each.conditions for each in stretches]).lateness_us == (0,) * len(works)


def test_a_request_that_is_late_counts_from_the_instant_it_was_due(timed_works: WorksOf) -> None:
    clock = HandClock()

    async def oversleep(at_s: float) -> None:
        clock.pass_s(at_s - clock() + 0.5)
        await asyncio.sleep(0)

    streams = ScriptedStreams()
    pace = OpenLoop(rate_per_s=100.0, seed=3, wait=oversleep)
    stretches = timed(timed_works(), streams, pace=pace, clock=clock)
    whole = together([each.conditions for each in stretches])
    assert max(whole.lateness_us) == 500_000
    assert min(whole.lateness_us) >= 0
    punctual = HandClock()
    again = ScriptedStreams()
    timed(timed_works(), again, pace=open_at(punctual, 100.0), clock=punctual)
    assert [each.due_s for each in streams.asked] == [each.due_s for each in again.asked]


def test_what_is_retrieved_is_retrieved_while_the_user_waits(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec]
) -> None:
    class SlowRetriever:
        def retrieve(self, _query: str, k: int, *, exclude: frozenset[str]) -> tuple[GoldExample, ...]:
            assert exclude
            clock.now_s += 2.0
            return task.gold[:k]

    task, clock, streams = a_task(items=4), HandClock(), ScriptedStreams()
    run = a_run(Side.CANDIDATE, [item.id for item in task.items], arm="rag-2", kind=RunKind.LATENCY)
    works = [work for work in reply_work(run, task, timed=True, max_tokens=4) if isinstance(work, ReplyWork)]
    waited_s: list[float] = []
    streams.begun = lambda request: waited_s.append(clock() - request.due_s)
    pace = ClosedLoop(concurrency=1)
    found = replies(timed(works, streams, pace=pace, clock=clock, retrievers={task.name: SlowRetriever()}))
    assert waited_s == [2.0] * 4
    assert [reply.result.example_ids for reply in found] == [("g1", "g2")] * 4


def test_a_rate_of_nothing_stops_the_course_and_says_so(timed_works: WorksOf) -> None:
    with pytest.raises(UsageError, match="give one above 0"):
        timed(timed_works(), ScriptedStreams(), pace=OpenLoop(rate_per_s=0.0, seed=1))


def test_no_two_prompts_begin_alike_and_none_is_asked_again_in_another_measurement(
    timed_works: WorksOf,
) -> None:
    streams = ScriptedStreams()
    for salt in ("monday", "tuesday"):
        timed(timed_works(), streams, warm=6, salt=salt)
    first_lines = [request.prompt.messages[0].content.partition("\n")[0] for request in streams.asked]
    assert len(set(first_lines)) == len(first_lines) == 2 * 26


def test_failures_are_results_without_times(timed_works: WorksOf) -> None:
    streams = ScriptedStreams(lambda request: BROKEN if "3 + 1" in str(request.prompt) else (0.1, 0.2))
    by_item = {reply.result.item_id: reply for reply in replies(timed(timed_works(), streams))}
    assert by_item["i3"].result.outcome == BROKEN
    assert by_item["i3"].trace is None
    assert isinstance(by_item["i4"].result.outcome, Response)


def test_a_stream_that_broke_off_is_a_failure(timed_works: WorksOf) -> None:
    found = replies(timed(timed_works(2), ScriptedStreams(whole=False)))
    assert {getattr(reply.result.outcome, "kind", None) for reply in found} == {FailureKind.MALFORMED}


def test_chunks_that_came_together_are_counted(timed_works: WorksOf) -> None:
    stretches = timed(timed_works(5), ScriptedStreams(lambda _: (0.1, 0.2, 0.2, 0.3, 0.3)))
    whole = together([each.conditions for each in stretches])
    assert (whole.chunks, whole.coalesced) == (10 * 4, 10 * 2)


def test_prefix_caches_are_read_before_and_after(timed_works: WorksOf) -> None:
    counts = iter([(100.0, 40.0), (1_100.0, 290.0)])

    def counters() -> Mapping[str, float]:
        asked, hits = next(counts)
        return {"vllm:prefix_cache_queries": asked, "vllm:prefix_cache_hits": hits}

    stretches = timed(timed_works(2), ScriptedStreams(), gauges=Gauges(counters=counters))
    assert together([each.conditions for each in stretches]).cached_share == 0.25


def test_servers_that_tell_no_counters_have_taken_nothing_from_a_cache(timed_works: WorksOf) -> None:
    stretches = timed(timed_works(2), ScriptedStreams())
    assert together([each.conditions for each in stretches]).prompt_tokens == 0


def test_stretches_are_cut_as_results_come_and_each_answers_for_its_own(timed_works: WorksOf) -> None:
    clock = HandClock()
    gauges = Gauges(stretch_s=0.5)
    stretches = timed(timed_works(), ScriptedStreams(), pace=open_at(clock), clock=clock, gauges=gauges)
    assert len([each for each in stretches if each.replies]) > 2
    for each in stretches:
        assert sum(each.conditions.answered.values()) == len(each.replies)


def test_work_that_is_no_longer_wanted_is_not_begun(timed_works: WorksOf) -> None:
    works, streams = timed_works(), ScriptedStreams()
    stretches = timed(works, streams, closed={works[0].run.pair})
    assert (streams.asked, replies(stretches)) == ([], [])


def test_a_dead_server_stops_the_course_and_gives_up_what_is_in_flight(timed_works: WorksOf) -> None:
    streams = ScriptedStreams(turns=lambda _: 10**9)

    def dead() -> None:
        if len(streams.asked) == 3:
            raise ServerDied("the server ended with status 9: run the same command again")

    with pytest.raises(ServerDied, match="status 9"):
        timed(timed_works(), streams, watch=dead)
    assert streams.given_up == 3


def test_a_request_a_dead_server_owes_is_no_result(timed_works: WorksOf) -> None:
    def gone() -> None:
        raise ServerDied("the server no longer answers: start it again")

    with pytest.raises(ServerDied, match="no longer answers"):
        timed(timed_works(), ScriptedStreams(lambda _: BROKEN), confirm=gone)


def test_a_task_that_cannot_ask_stops_the_course_by_name(
    timed_works: WorksOf, a_task: Callable[..., Task]
) -> None:
    def mute(_inputs: object) -> str:
        raise ZeroDivisionError("division by zero")

    task = dataclasses.replace(a_task(items=2), ask=mute)
    works = [
        structs.replace(work, task=task, renderer=Renderer(task, work.run.candidate.arm))
        for work in timed_works(2)
    ]
    with pytest.raises(InvalidTask, match=r"ask\(\) of task sums raised ZeroDivisionError"):
        timed(works, ScriptedStreams())


@pytest.mark.parametrize(("count", "works"), [(0, 0), (3, 3), (25, 25)])
def test_a_rehearsal_has_names_of_its_own(timed_works: WorksOf, count: int, works: int) -> None:
    whole = timed_works()
    rehearsed = rehearsal(whole, count)
    names = {(work.run.id, work.item_id) for work in rehearsed}
    assert len(names) == works
    assert not names & {(work.run.id, work.item_id) for work in whole}


def test_nothing_can_be_rehearsed_where_there_is_nothing() -> None:
    assert rehearsal((), 3) == ()
