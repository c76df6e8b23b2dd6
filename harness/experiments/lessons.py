"""One attempt after the other, many at once: ask, check, ask the critic, write down."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from harness.backends.openai_http import HttpSettings, http_session
from harness.domain.prompt import Message
from harness.domain.response import FinishReason, GenerationFailure, Response
from harness.domain.run import ItemResult
from harness.domain.task import Decoding, Inputs, Json, Task
from harness.engine.caching import Caching
from harness.engine.seeds import derived_seed
from harness.experiments.progress import Progress
from harness.experiments.request import Places
from harness.experiments.voices import Speaker, Voice
from harness.prompting.neutralise import neutralise
from harness.store.response_cache import ResponseCache
from training.data.attempts import Attempt, AttemptJournal, Spent
from training.data.documents import Document
from training.data.selection import Quota, next_attempts, without_repeats
from training.data.self_check import SelfCheck, Unfit
from training.data.teaching import (
    CRITIC_SCHEMA,
    Lesson,
    critic_request,
    lesson,
    question_request,
    reply_request,
)

_QUESTION_TOKENS = 400
_CRITIC_TOKENS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many attempts run at once, and whether a request that may have been answered is sent again.

    With `resend` off, where each request is charged, one in doubt ends the run instead.
    """

    concurrency: int = 8
    resend: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Classroom:
    """Everything that attempts are made from; `questions` of None has the teacher write them."""

    task: Task
    quota: Quota
    check: SelfCheck
    personas: tuple[str, ...]
    documents: tuple[Document, ...]
    questions: tuple[Inputs, ...] | None
    asks_critic: bool
    constrained: bool
    temperature: float
    max_tokens: int | None
    seed: int
    pace: Pace
    today: str


def standing(room: Classroom, journal: AttemptJournal) -> tuple[tuple[Attempt, ...], tuple[int, ...]]:
    """Return the attempts that count so far, without repeats, and the numbers to make next, if any."""
    judged: tuple[Attempt, ...] = ()
    while numbers := next_attempts(judged, room.quota):
        lacking = tuple(number for number in numbers if number not in journal.attempts)
        if lacking:
            return judged, lacking
        counted = [journal.attempts[number] for number in range(numbers.stop)]
        judged = without_repeats(counted, room.check.question)
    return judged, ()


async def teach(
    room: Classroom,
    journal: AttemptJournal,
    speaking: tuple[Voice, Voice],
    places: Places,
    progress: Progress,
) -> None:
    """Make the attempts that the journal lacks until no more are needed or allowed.

    `speaking` are teacher and critic.  Raises `ServingError` when one of them is not there.
    """
    async with _class(room, speaking, places) as made_by:
        while lacking := standing(room, journal)[1]:
            total = lacking[-1] + 1
            progress.begin("attempts", total=total, done=total - len(lacking))
            await _make(lacking, made_by, journal, progress)
            journal.sync()


async def _make(
    numbers: Sequence[int], made_by: "_Class", journal: AttemptJournal, progress: Progress
) -> None:
    """Make these attempts, so many at once; the first that cannot be made ends them all."""
    room = asyncio.Semaphore(made_by.room.pace.concurrency)

    async def one(number: int) -> None:
        async with room:
            attempt = await made_by.attempt(number)
        journal.append(attempt)
        progress.advance(_counted(attempt))

    try:
        async with asyncio.TaskGroup() as group:
            for number in numbers:
                group.create_task(one(number))
    except ExceptionGroup as several:
        raise several.exceptions[0] from several


@asynccontextmanager
async def _class(room: Classroom, speaking: tuple[Voice, Voice], places: Places) -> AsyncIterator["_Class"]:
    engines = {each.checkpoint.digest: each.engine for each in speaking if each.engine is not None}
    settings = HttpSettings(resend=room.pace.resend)
    with ResponseCache(places.cache / "responses" / "answers.sqlite") as kept:
        caching = Caching(kept, engines)
        async with http_session(settings) as session:
            teacher, critic = (
                Speaker(each, session, replace(settings, api_key=each.api_key), caching) for each in speaking
            )
            yield _Class(room=room, teacher=teacher, critic=critic)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Class:
    room: Classroom
    teacher: Speaker
    critic: Speaker

    async def attempt(self, number: int) -> Attempt:
        """Return what attempt `number` comes to."""
        room = self.room
        given = _harmless(lesson(number, room.task, room.personas, room.documents, seed=room.seed))
        draft = _Draft(number=number)
        try:
            await self._fill(draft, given)
        except Unfit as fault:
            draft.check, draft.reason = fault.check, str(fault)
        passed = not draft.check
        return Attempt(
            number=number,
            made_on=room.today,
            inputs=draft.inputs,
            output=draft.output,
            check=draft.check,
            reason=draft.reason,
            score=draft.score,
            critic=draft.critic,
            critic_reason=draft.critic_reason,
            said="" if passed else draft.said,
            persona=given.persona,
            document=given.document.id if given.document else "",
            spent=draft.spent,
        )

    async def _fill(self, draft: "_Draft", given: Lesson) -> None:
        """Go through question, reply, second opinion and critic; raise `Unfit` at the first that fails."""
        check, task = self.room.check, self.room.task
        inputs = draft.inputs = await self._question(draft, given)
        request = _neutral(reply_request(task, given, inputs))
        said = await self._said(draft, "reply", request, task.decoding, task.schema)
        draft.output, draft.score = check.reply(inputs, said)
        if not check.scores_alone:
            again = replace(task.decoding, temperature=self.room.temperature)
            check.agree(draft.output, await self._said(draft, "agreement", request, again, task.schema))
        if self.room.asks_critic:
            judged = _neutral(critic_request(task, given, inputs, draft.output))
            how = Decoding(max_tokens=_CRITIC_TOKENS)
            said = await self._said(draft, "critic", judged, how, CRITIC_SCHEMA)
            draft.critic, draft.critic_reason = check.verdict(said)

    async def _question(self, draft: "_Draft", given: Lesson) -> Inputs:
        if self.room.questions is not None:
            return self.room.check.given(self.room.questions[draft.number])
        check = self.room.check
        request = _neutral(question_request(self.room.task, given, check.shape))
        how = Decoding(max_tokens=_QUESTION_TOKENS, temperature=self.room.temperature)
        return check.inputs(await self._said(draft, "question", request, how, check.shape))

    async def _said(
        self,
        draft: "_Draft",
        step: str,
        messages: Sequence[Message],
        decoding: Decoding,
        schema: Mapping[str, Json],
    ) -> str:
        """Return what was said, counted; raise `Unfit` for nothing, or for what was cut off."""
        asked = self.critic if step == "critic" else self.teacher
        most = self.room.max_tokens or decoding.max_tokens
        how = replace(decoding, constrained=self.room.constrained, max_tokens=most)
        seed = derived_seed(self.room.seed, "synthesize", step, str(draft.number))
        outcome = await asked.say(messages, how, schema if self.room.constrained else None, seed)
        if isinstance(outcome, GenerationFailure):
            raise Unfit(step, outcome.message)
        draft.count(outcome, by_critic=step == "critic")
        draft.said = outcome.text
        if outcome.finish_reason is FinishReason.LENGTH:
            raise Unfit(step, f"it was cut off at {most} tokens")
        return outcome.text


@dataclass(slots=True, kw_only=True)
class _Draft:
    """An attempt while it is being made."""

    number: int
    inputs: Inputs | None = None
    output: str | None = None
    score: float | None = None
    critic: int | None = None
    critic_reason: str = ""
    check: str = ""
    reason: str = ""
    said: str = ""
    spent: Spent = field(default_factory=Spent)

    def count(self, reply: Response, *, by_critic: bool) -> None:
        """Add the tokens of a reply."""
        had = self.spent
        if by_critic:
            self.spent = replace(
                had,
                critic_prompt_tokens=had.critic_prompt_tokens + reply.prompt_tokens,
                critic_completion_tokens=had.critic_completion_tokens + reply.completion_tokens,
            )
        else:
            self.spent = replace(
                had,
                prompt_tokens=had.prompt_tokens + reply.prompt_tokens,
                completion_tokens=had.completion_tokens + reply.completion_tokens,
            )


def _harmless(given: Lesson) -> Lesson:
    document = given.document
    return replace(given, document=document and replace(document, text=neutralise(document.text)))


def _neutral(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with look-alikes of control tokens broken: much in them was written elsewhere."""
    return tuple(Message(role=each.role, content=neutralise(each.content)) for each in messages)


def _counted(attempt: Attempt) -> ItemResult:
    """An attempt as progress counts it."""
    reply = Response(
        text="",
        finish_reason=FinishReason.STOP,
        prompt_tokens=attempt.spent.prompt_tokens,
        completion_tokens=attempt.spent.completion_tokens,
    )
    return ItemResult(run_id="synthesize", item_id=str(attempt.number), cluster="", outcome=reply)
