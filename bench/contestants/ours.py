"""Weighbridge itself: rendered, hashed, sent, decoded, scored twice and journaled."""

from bench.contestants.job import Job
from bench.product import backend, evaluated, run
from bench.sums import sums_work
from harness.engine.perform import TARGET


def weighbridge(job: Job) -> int:
    """Return how many replies were right."""
    return run(_evaluate(job))


async def _evaluate(job: Job) -> int:
    works = sums_work(job.items)
    right = 0
    async with backend(job.url) as answering:
        async for batch in evaluated(
            works, answering, job.folder / "journal.jsonl", concurrency=job.concurrency
        ):
            right += sum(result.scores[TARGET].value == 1.0 for result in batch)
    return right
