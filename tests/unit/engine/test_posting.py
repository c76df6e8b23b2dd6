"""Work over a backend that posts: no task a request, and every promise of the engine kept."""

import asyncio
import dataclasses
from collections.abc import Callable
from random import Random

import pytest

from harness.backends.port import GenerationRequest, GiveUp, Told
from harness.backends.scripted import ScriptedBackend
from harness.domain.response import FailureKind, GenerationFailure, Response
from harness.domain.run import ItemResult, RunSpec, Side
from harness.domain.score import Score
from harness.domain.task import Inputs, Item, Task
from harness.engine.caching import Answer, Caching
from harness.engine.evaluate import evaluate, in_batches
from harness.engine.schedule import reply_work
from harness.engine.work import Wiring, Work
from harness.errors import InvalidTask, ServerDied

WorkOf = Callable[..., tuple[Work, ...]]
Wired = Callable[..., Wiring]
_BROKEN = GenerationFailure(kind=FailureKind.CONNECTION, message="connection refused")


class Poster(ScriptedBackend):
    """Posts what it can, now and then not, and tells in an order of its own; holds `held` questions back."""

    def __init__(
        self, reply: str | GenerationFailure = "2", *, refusing: float = 0.0, held: str = ""
    ) -> None:
        super().__init__(lambda _: reply)
        self.refusing = refusing
        self.held = held
        self.random = Random(1)  # noqa: S311 - no secret
        self.posted = 0
        self.awaited = 0
        self.given_up = 0
        self.in_flight = 0
        self.most = 0

    def post(self, request: GenerationRequest, told: Told) -> GiveUp | None:
        if self.random.random() < self.refusing:
            return None
        self.posted += 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        loop = asyncio.get_running_loop()
        handles: list[asyncio.Handle] = []

        def tell(turns: int) -> None:
            if turns:
                handles.append(loop.call_soon(tell, turns - 1))
                return
            self.in_flight -= 1
            told(self._answer(request))

        def give_up() -> None:
            self.given_up += 1
            self.in_flight -= 1
            for handle in handles:
                handle.cancel()

        if not (self.held and self.held in request.prompt.messages[-1].content):
            handles.append(loop.call_soon(tell, self.random.randrange(6)))
        return give_up

    async def generate(self, request: GenerationRequest) -> Response | GenerationFailure:
        self.awaited += 1
        return await super().generate(request)

    def _answer(self, request: GenerationRequest) -> Response | GenerationFailure:
        coroutine = super().generate(request)
        try:
            coroutine.send(None)
        except StopIteration as end:
            answer: Response | GenerationFailure = end.value
            return answer
        raise AssertionError("a scripted backend waits for nothing")


class Shelf(dict[str, Answer]):
    """A store in memory."""

    def put(self, key: str, answer: Answer) -> None:
        self[key] = answer


def gathered(works: tuple[Work, ...], wiring: Wiring, *, concurrency: int = 4) -> list[ItemResult]:
    async def gather() -> list[ItemResult]:
        before = asyncio.all_tasks()
        results = [result async for result in evaluate(works, wiring, concurrency=concurrency)]
        assert asyncio.all_tasks() == before
        return results

    return asyncio.run(asyncio.wait_for(gather(), 60))


@pytest.mark.parametrize("refusing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("concurrency", [1, 5, 100])
def test_every_work_ends_in_one_result_whether_it_could_be_posted_or_not(
    sums_work: WorkOf, probe_work: WorkOf, wired: Wired, refusing: float, concurrency: int
) -> None:
    works = (*sums_work(40), *sums_work(40, side=Side.BASELINE), *probe_work(5))
    backend = Poster(refusing=refusing)
    results = gathered(works, wired(works, backend), concurrency=concurrency)
    asked = sorted((work.run.id, work.item_id) for work in works)
    assert sorted((result.run_id, result.item_id) for result in results) == asked
    assert backend.posted + backend.awaited == 80
    assert backend.most <= concurrency


def test_a_posted_work_ends_as_an_awaited_one_does(sums_work: WorkOf, wired: Wired) -> None:
    works = sums_work(5)
    posted = gathered(works, wired(works, Poster()))
    awaited = gathered(works, wired(works, ScriptedBackend(lambda _: "2")))
    assert sorted(posted, key=lambda result: result.item_id) == awaited


def test_a_listener_who_dawdles_stops_the_posting(sums_work: WorkOf, wired: Wired) -> None:
    works = sums_work(30)
    backend = Poster()

    async def dawdle() -> None:
        told = 0
        async for batch in in_batches(works, wired(works, backend), concurrency=4):
            for _ in range(50):
                await asyncio.sleep(0)
            assert backend.posted <= told + 4
            told += len(batch)
        assert told == 30

    asyncio.run(asyncio.wait_for(dawdle(), 20))


def test_who_stops_listening_leaves_nothing_posted_in_flight(sums_work: WorkOf, wired: Wired) -> None:
    works = sums_work(9)
    backend = Poster(held=" + ")

    async def main() -> None:
        listening = asyncio.create_task(anext(aiter(evaluate(works, wired(works, backend), concurrency=3))))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(listening, 0.05)

    asyncio.run(main())
    assert (backend.posted, backend.given_up, backend.in_flight) == (3, 3, 0)


def test_what_is_posted_for_a_pair_that_is_closed_is_given_up(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec], wired: Wired
) -> None:
    def work_of(name: str, items: int) -> tuple[Work, ...]:
        task = dataclasses.replace(a_task(items=items, name=name), ask=lambda _: f"asked by {name}")
        run = a_run(Side.CANDIDATE, [item.id for item in task.items], subject=name)
        return reply_work(run, task, timed=False, max_tokens=None)

    works = (*work_of("stuck", 3), *work_of("open", 6))
    backend = Poster(held="asked by stuck")
    closed: set[str] = set()

    async def main() -> int:
        count = 0
        async for _ in evaluate(works, wired(works, backend, closed=closed), concurrency=4):
            closed.add(works[0].run.pair)
            count += 1
        return count

    assert asyncio.run(asyncio.wait_for(main(), 20)) == 6
    assert (backend.posted, backend.given_up, backend.in_flight) == (9, 3, 0)


def test_a_dead_server_stops_a_run_whose_posts_it_never_answers(sums_work: WorkOf, wired: Wired) -> None:
    def dead() -> None:
        raise ServerDied("the server ended with status 9: run the same command again")

    works = sums_work(5)
    backend = Poster(held=" + ")
    with pytest.raises(ServerDied, match="status 9"):
        gathered(works, wired(works, backend, watch=dead), concurrency=3)
    assert backend.given_up == 3


def test_failures_of_posted_works_are_confirmed_before_they_count(sums_work: WorkOf, wired: Wired) -> None:
    works = sums_work(4)
    asked: list[str] = []
    wiring = wired(works, Poster(_BROKEN), confirm=lambda: asked.append("alive?"))
    results = gathered(works, wiring)
    assert [result.outcome for result in results] == [_BROKEN] * 4
    assert asked


def test_a_posted_reply_that_was_given_before_costs_no_request(sums_work: WorkOf, wired: Wired) -> None:
    works = sums_work(10)
    shelf, backend = Shelf(), Poster()
    engines = {works[0].run.candidate.checkpoint.digest: "vllm 1"}
    first = gathered(works, wired(works, backend, caching=Caching(shelf, engines)))
    again = Caching(shelf, engines)
    second = gathered(works, wired(works, backend, caching=again))
    assert (backend.posted, again.answered, len(shelf)) == (10, 10, 10)
    assert sorted(first, key=lambda result: result.item_id) == sorted(
        second, key=lambda result: result.item_id
    )


def test_a_failure_of_a_posted_work_is_not_kept(sums_work: WorkOf, wired: Wired) -> None:
    works = sums_work(3)
    shelf = Shelf()
    caching = Caching(shelf, {works[0].run.candidate.checkpoint.digest: "vllm 1"})
    gathered(works, wired(works, Poster(_BROKEN), caching=caching))
    assert not shelf


@pytest.mark.parametrize("fault", ["score", "ask"])
def test_a_task_that_cannot_ask_or_score_stops_the_run_behind_what_was_answered(
    a_task: Callable[..., Task], sums_work: WorkOf, wired: Wired, fault: str
) -> None:
    task = a_task(items=9)
    fifth = task.items[4]

    def score(item: Item, _reply: str) -> Score:
        return Score(value=1.0 / (item.id != fifth.id))

    def ask(inputs: Inputs) -> str:
        return task.ask(inputs) if inputs != fifth.inputs else str(1 / 0)

    broken = dataclasses.replace(task, **{fault: {"score": score, "ask": ask}[fault]})  # type: ignore[arg-type]
    works = sums_work(task=broken)
    backend = Poster()
    results: list[str] = []

    async def gather() -> None:
        async for result in evaluate(works, wired(works, backend), concurrency=2):
            results.append(result.item_id)  # noqa: PERF401 - what came before an error is wanted too

    with pytest.raises(InvalidTask, match=rf"{fault}\(\) of task sums raised ZeroDivisionError"):
        asyncio.run(asyncio.wait_for(gather(), 20))
    assert results
    assert fifth.id not in results
    assert backend.in_flight == 0
