"""Carries out work with bounded concurrency and yields results as they come.

Work is begun in its order; what has landed when whoever listens looks is taken together, and
its places are filled together.  An item thus costs no task, no timer and no look at the
others in flight.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing

from harness.domain.response import FailureKind, GenerationFailure
from harness.domain.run import ItemResult
from harness.engine.crew import Crew
from harness.engine.heap import heap_at_rest
from harness.engine.work import Wiring, Work


async def evaluate(works: Iterable[Work], wiring: Wiring, *, concurrency: int) -> AsyncIterator[ItemResult]:
    """Yield the result of every work, one by one; see `in_batches`."""
    async with aclosing(in_batches(works, wiring, concurrency=concurrency)) as batches:
        async for batch in batches:
            for result in batch:
                yield result


async def in_batches(
    works: Iterable[Work], wiring: Wiring, *, concurrency: int
) -> AsyncGenerator[list[ItemResult]]:
    """Yield the results of all work as they pile up, at most `concurrency` requests in flight.

    Who does not take the results stops the sending: a result keeps its place until the next
    batch is asked for.  Work of a pair of runs that `wiring.closed` holds is not begun, and given up
    where it is in flight, so that what is left open gets its place.

    Raises what `wiring.watch` and `wiring.confirm` raise, and cancels what is in flight.
    What was answered before is yielded first; nothing that failed because a server died is
    ever yielded.
    """
    crew = Crew(works, wiring, concurrency)
    try:
        with heap_at_rest():
            crew.fill()
            while crew.at_work:
                await crew.news()
                answered, doubtful = _sorted(crew.take())
                if answered:
                    yield answered
                if doubtful:
                    await crew.confirm()
                    yield doubtful
                crew.raise_if_broken()
                crew.give_up_closed()
                crew.fill()
            crew.raise_if_broken()
    finally:
        await crew.dismiss()


def _sorted(results: list[ItemResult]) -> tuple[list[ItemResult], list[ItemResult]]:
    """Part what was answered from failures that may be a dead server's."""
    doubtful = [result for result in results if _is_doubtful(result)]
    if not doubtful:
        return results, doubtful
    return [result for result in results if not _is_doubtful(result)], doubtful


def _is_doubtful(result: ItemResult) -> bool:
    outcome = result.outcome
    return isinstance(outcome, GenerationFailure) and outcome.kind is not FailureKind.REFUSED
