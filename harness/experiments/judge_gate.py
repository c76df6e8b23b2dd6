"""Has a judge say of every pair of replies of a gate which of them it accepts, in both orders."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.backends import event_loop
from harness.backends.openai_http import HttpSettings, http_session
from harness.config.judge_file import JudgeSpec, load_judge
from harness.config.task_folder import find_task
from harness.domain.judgement import Judgement, Judgements
from harness.domain.response import FinishReason, GenerationFailure, Response
from harness.domain.run import ItemResult, RunKind
from harness.domain.task import Decoding
from harness.engine.caching import Caching
from harness.errors import StoreError, UsageError
from harness.experiments.gate_record import tasks_of
from harness.experiments.progress import Progress, ended
from harness.experiments.reading_desk import Sheet, reply_text
from harness.experiments.request import Places
from harness.experiments.review_gate import finished, settle_reads, sheets_of
from harness.experiments.voices import Speaker, Voice, key_in, voices
from harness.prompting.judging import SCHEMA, judge_prompt
from harness.scoring.json_schema import SchemaValidator
from harness.scoring.judge import both_orders
from harness.store.gate_folder import GateFolder
from harness.store.judgements import JudgementFile
from harness.store.response_cache import ResponseCache

_DECODING = Decoding(max_tokens=32, temperature=0.0, constrained=True)
_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeRequest:
    """Have the judge of its tasks judge the gate in the folder `gate`.

    `tasks` are folders of tasks of the user's own; others are known by name.
    """

    gate: Path
    tasks: Sequence[str]
    places: Places
    concurrency: int = 8


def judge_gate(request: JudgeRequest, progress: Progress) -> int:
    """Return how many items were judged now; what was judged before is not asked again.

    Every judgement is kept as it is made, and counts in the verdict where the policy asks for a
    judge.  Raises `InvalidTask` for a task without a judge, `UsageError` for tasks whose judges
    differ or that are not at hand, `StoreError` for a gate that is not finished or was judged by
    another, and `ServingError` where the judge does not answer.
    """
    folder = finished(request.gate)
    with ended(progress):
        specs = _specs(folder, request)
        sheets = sheets_of(folder, tasks_of(folder, request.tasks, request.places.tasks))
        _require_pairs(folder, sheets)
        spec = _one_judge(specs)
        file = JudgementFile(
            folder.path,
            Judgements(gate_id=folder.manifest.gate_id, judge=spec.judge, rubric=_digest(specs)),
        )
        known = {each.place for each in file.judgements.judgements}
        lacking = [sheet for sheet in sheets if sheet.place not in known]
        if lacking:
            rubrics = _rubrics(folder, specs)
            with voices({spec.judge: key_in(spec.key_variable)}, request.places, progress) as up:
                event_loop.run(_judge_all(lacking, rubrics, up[spec.judge], file, request, progress))
        settle_reads(folder)
    return len(lacking)


async def _judge_all(  # noqa: PLR0913, PLR0917 - what one sitting of a court takes
    sheets: Sequence[Sheet],
    rubrics: Mapping[str, str],
    voice: Voice,
    file: JudgementFile,
    request: JudgeRequest,
    progress: Progress,
) -> None:
    room = asyncio.Semaphore(request.concurrency)
    validator = SchemaValidator(SCHEMA)
    progress.begin("judgements", total=len(sheets), done=0)

    async with _speaker(voice, request.places) as speaker:

        async def one(sheet: Sheet) -> None:
            async with room:
                said = await _judged(sheet, rubrics[sheet.place[0]], speaker, validator)
            file.add(said)
            progress.advance(_counted(said))

        try:
            async with asyncio.TaskGroup() as group:
                for sheet in sheets:
                    group.create_task(one(sheet))
        except ExceptionGroup as several:
            raise several.exceptions[0] from several


@asynccontextmanager
async def _speaker(voice: Voice, places: Places) -> AsyncIterator[Speaker]:
    engines = {} if voice.engine is None else {voice.checkpoint.digest: voice.engine}
    settings = replace(HttpSettings(), api_key=voice.api_key)
    with ResponseCache(places.cache / "responses" / "answers.sqlite") as cache:
        async with http_session(settings) as session:
            yield Speaker(voice, session, settings, Caching(cache, engines))


async def _judged(sheet: Sheet, rubric: str, speaker: Speaker, validator: SchemaValidator) -> Judgement:
    """Ask in both orders; two replies that are alike have one order only."""
    if sheet.baseline is None:
        raise StoreError(f"{sheet.id} has no reply of the baseline: judge a gate with one")
    ours, theirs = reply_text(sheet.candidate), reply_text(sheet.baseline)
    orders = [(ours, theirs), (theirs, ours)] if ours != theirs else [(ours, theirs)]
    outcomes = [await _asked(rubric, sheet.question, *order, speaker) for order in orders]
    made = both_orders(outcomes[0], outcomes[-1], validator)
    spent = [outcome for outcome in outcomes if isinstance(outcome, Response)]
    pair, item_id = sheet.place
    return Judgement(
        pair=pair,
        item_id=item_id,
        candidate=made.first,
        baseline=made.second,
        consistent=made.consistent,
        failure=made.failure,
        prompt_tokens=sum(each.prompt_tokens for each in spent),
        completion_tokens=sum(each.completion_tokens for each in spent),
    )


def _counted(said: Judgement) -> ItemResult:
    """A judgement as progress counts it."""
    spent = Response(
        text="",
        finish_reason=FinishReason.STOP,
        prompt_tokens=said.prompt_tokens,
        completion_tokens=said.completion_tokens,
    )
    return ItemResult(run_id="judge", item_id=said.item_id, cluster="", outcome=spent)


async def _asked(
    rubric: str, question: str, reply_a: str, reply_b: str, speaker: Speaker
) -> Response | GenerationFailure:
    messages = judge_prompt(rubric, question, reply_a, reply_b).messages
    return await speaker.say(messages, _DECODING, SCHEMA, _SEED)


def _specs(folder: GateFolder, request: JudgeRequest) -> Mapping[str, JudgeSpec]:
    """Return the judge of each task that was asked, by the task's name."""
    subjects = {run.subject for run in folder.manifest.runs if run.kind is RunKind.TASK}
    named = {Path(name).name: name for name in request.tasks}
    return {
        name: load_judge(find_task(named.get(name, name), tasks_dir=request.places.tasks))
        for name in sorted(subjects)
    }


def _one_judge(specs: Mapping[str, JudgeSpec]) -> JudgeSpec:
    first = next(iter(specs.values()))
    for name, spec in specs.items():
        if (spec.judge, spec.key_variable) != (first.judge, first.key_variable):
            raise UsageError(
                f"the judge of task {name} is {spec.judge}, that of another {first.judge}: name one "
                "judge for all tasks of a gate"
            )
    return first


def _require_pairs(folder: GateFolder, sheets: Sequence[Sheet]) -> None:
    if not all(sheet.baseline for sheet in sheets):
        raise UsageError(f"{folder.path} has no baseline, and a judge compares two: judge a gate with one")
    if not all(sheet.question for sheet in sheets):
        raise UsageError(
            f"{folder.path} asked a task whose content is not at hand, so the judge would not know the "
            "questions: name the task's folder as it was with --tasks"
        )


def _rubrics(folder: GateFolder, specs: Mapping[str, JudgeSpec]) -> Mapping[str, str]:
    """Return the rubric of each pair of runs."""
    return {run.pair: specs[run.subject].rubric for run in folder.manifest.runs if run.kind is RunKind.TASK}


def _digest(specs: Mapping[str, JudgeSpec]) -> str:
    """The hex sha256 of what is judged by, and of how it is asked."""
    asked = [{name: spec.rubric for name, spec in specs.items()}, SCHEMA]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
