"""A run and its results -> what an answer took on that rung; pure."""

from collections.abc import Sequence

from harness.domain.cost import Tariff, Usage
from harness.domain.response import Response
from harness.domain.run import ItemResult, RunSpec, Side
from harness.errors import InvalidComparison

_TARGET = "target"


def usage_of(
    run: RunSpec, results: Sequence[ItemResult], tariff: Tariff, *, name: str, wait_s: float | None
) -> Usage:
    """Return the usage of a run by its measured tokens; a failure spent none and is not good.

    Raises `InvalidComparison` for a run that holds no scored result.
    """
    scored = [result for result in results if _TARGET in result.scores]
    if not scored:
        raise InvalidComparison(f"{run.id} holds no scored reply: run the same command again to measure it")
    replies = [result.outcome for result in scored if isinstance(result.outcome, Response)]
    values = [result.scores[_TARGET].value for result in scored]
    n = len(scored)
    return Usage(
        name=name,
        checkpoint=run.candidate.checkpoint.label,
        arm=str(run.candidate.arm),
        is_trained=run.side is Side.CANDIDATE,
        items=n,
        score=sum(values) / n,
        good_share=sum(value >= tariff.good for value in values) / n,
        tokens_in=sum(reply.prompt_tokens for reply in replies) / n,
        tokens_out=sum(reply.completion_tokens for reply in replies) / n,
        wait_s=wait_s,
    )


def effort(usage: Usage, tariff: Tariff) -> float:
    """Return how much work an answer is, in tokens of a reply."""
    return usage.tokens_out + tariff.prompt_weight * usage.tokens_in
