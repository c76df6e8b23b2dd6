"""One work -> one item result: render, generate, score."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any, assert_never

from harness.backends.port import GenerationRequest
from harness.domain.prompt import ChoicePrompt, Prompt
from harness.domain.response import ChoiceResponse, GenerationFailure, Response
from harness.domain.run import ItemResult
from harness.domain.score import Score
from harness.engine.caching import Caching
from harness.engine.seeds import derived_seed
from harness.engine.work import ChoiceWork, ReplyWork, Wiring, Work
from harness.errors import InvalidTask
from harness.prompting.render import prompt_digest, render_choice, unshared
from harness.scoring.choice import choice_correct

TARGET = "target"
SCHEMA = "schema"
CHOICE = "choice"


def perform(work: Work, wiring: Wiring) -> Coroutine[Any, Any, ItemResult]:
    """Return what `work` ends in, scored; a failure scores 0 on every metric of its run."""
    match work:
        case ReplyWork():
            return _reply(work, wiring)
        case ChoiceWork():
            return _choice(work, wiring)
        case _:
            assert_never(work)


def prepared(work: ReplyWork, wiring: Wiring) -> tuple[GenerationRequest, str]:
    """Return the request that `work` makes, rendered, and the digest of its prompt."""
    due_s = wiring.clock()
    prompt, digest = _rendered(work, wiring)
    decoding = work.task.decoding
    request = GenerationRequest(
        prompt=prompt,
        decoding=replace(decoding, max_tokens=work.max_tokens) if work.max_tokens else decoding,
        seed=derived_seed(wiring.seed, work.run.side, work.item_id),
        due_s=due_s,
        timed=work.timed,
        schema=work.task.schema,
    )
    return request, digest


def concluded(
    work: ReplyWork, request: GenerationRequest, digest: str, outcome: Response | GenerationFailure
) -> ItemResult:
    """Return what `work` ends in, scored; raise `InvalidTask` where the task cannot score it."""
    return ItemResult(
        run_id=work.run.id,
        item_id=work.item_id,
        cluster=work.item.cluster,
        outcome=outcome,
        scores={} if work.timed else reply_scores(work, outcome),
        prompt_digest=digest,
        example_ids=request.prompt.example_ids,
    )


def cache_key(work: ReplyWork, request: GenerationRequest, digest: str, caching: Caching) -> str | None:
    """Return the key of the reply that was perhaps given before, None where it must not be kept."""
    if request.timed:
        return None
    return caching.key(
        work.run.candidate.checkpoint.digest,
        digest,
        decoding=request.decoding,
        schema=request.schema,
        seed=request.seed,
    )


async def _reply(work: ReplyWork, wiring: Wiring) -> ItemResult:
    # Retrieval in a thread, because an embedder would hold the event loop up.
    if work.renderer.retrieves:
        request, digest = await asyncio.to_thread(prepared, work, wiring)
    else:
        request, digest = prepared(work, wiring)
    return concluded(work, request, digest, await _generated(work, request, digest, wiring))


async def _generated(
    work: ReplyWork, request: GenerationRequest, digest: str, wiring: Wiring
) -> Response | GenerationFailure:
    backend, caching = wiring.backends[work.run.candidate.checkpoint.digest], wiring.caching
    key = None if caching is None else cache_key(work, request, digest, caching)
    if caching is None or key is None:
        return await backend.generate(request)
    return await caching.answer(key, Response, lambda: backend.generate(request))


async def _weighed(
    work: ChoiceWork, prompt: ChoicePrompt, digest: str, wiring: Wiring
) -> ChoiceResponse | GenerationFailure:
    checkpoint = work.run.candidate.checkpoint.digest
    backend, caching = wiring.backends[checkpoint], wiring.caching
    if caching is None:
        return await backend.weigh(prompt)
    seed = derived_seed(wiring.seed, work.run.side, work.item_id)
    key = caching.key(checkpoint, digest, decoding=None, schema=None, seed=seed)
    if key is None:
        return await backend.weigh(prompt)
    return await caching.answer(key, ChoiceResponse, lambda: backend.weigh(prompt))


async def _choice(work: ChoiceWork, wiring: Wiring) -> ItemResult:
    prompt = render_choice(work.item)
    digest = prompt_digest(prompt)
    outcome = await _weighed(work, prompt, digest, wiring)
    score = _failed(outcome) if isinstance(outcome, GenerationFailure) else choice_correct(work.item, outcome)
    return ItemResult(
        run_id=work.run.id,
        item_id=work.item_id,
        cluster=work.item.id,
        outcome=outcome,
        scores={CHOICE: score},
        prompt_digest=digest,
    )


def reply_scores(work: ReplyWork, outcome: Response | GenerationFailure) -> Mapping[str, Score]:
    """Return target metric and schema validity of a reply."""
    if isinstance(outcome, GenerationFailure):
        return {TARGET: _failed(outcome), SCHEMA: _failed(outcome)}
    return {
        TARGET: _graded(work, outcome.text),
        SCHEMA: work.validator.validity(outcome.text),
    }


def _graded(work: ReplyWork, reply: str) -> Score:
    """Let the task's own code grade; its faults are the task's, not the model's."""
    try:
        score = work.task.score(work.item, reply)
    except Exception as error:
        raise InvalidTask(
            f"score() of task {work.task.name} raised {type(error).__name__}: {error} on item "
            f"{work.item_id}; mend task.py so that any reply gets a score, then run the same command again"
        ) from error
    if not isinstance(score, Score):
        raise InvalidTask(
            f"score() of task {work.task.name} returned a {type(score).__name__} on item {work.item_id}; "
            "mend task.py so that it returns a harness.Score, then run the same command again"
        )
    return score


def _failed(failure: GenerationFailure) -> Score:
    return Score(value=0.0, note=f"{failure.kind}: {failure.message}")


def _rendered(work: ReplyWork, wiring: Wiring) -> tuple[Prompt, str]:
    retriever = wiring.retrievers.get(work.task.name)
    prompt, digest = work.renderer.rendered(work.item, retriever=retriever, clock=wiring.clock)
    if not work.timed:
        return prompt, digest
    alone = unshared(prompt, f"{wiring.seed}/{work.run.id}/{work.item_id}")
    return alone, prompt_digest(alone)
