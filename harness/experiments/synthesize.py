"""Has a teacher write examples, its own task mark them, and a critic keep the best."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

from harness.backends import event_loop
from harness.domain.task import Inputs, Json, Task
from harness.errors import InvalidDataset, UsageError
from harness.experiments.lessons import Classroom, Pace, standing, teach
from harness.experiments.progress import Progress, ended
from harness.experiments.request import Places
from harness.experiments.voices import called, key_in, voices
from training.data.attempts import Attempt, AttemptJournal, attempts_path
from training.data.documents import read_documents, read_lines
from training.data.input_shape import input_shape
from training.data.manifest import DataManifest, manifest_path
from training.data.questions import read_questions
from training.data.rejected import REJECTED, as_aside
from training.data.selection import Quota, Selection, as_example, as_rejected, select
from training.data.self_check import SelfCheck
from training.data.step import Step, aside_path, leave, write_aside
from training.data.teaching import WORDING

_ATTEMPTS_A_CANDIDATE = 4
_MILLION = 1_000_000
FROM_TEACHER, FROM_GOLD = "teacher", "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a million prompt tokens and a million reply tokens cost, in whatever currency."""

    prompt: float = 0.0
    reply: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisRequest:
    """Write `count` examples for `task` to `out`, the best `keep_share` of those that pass.

    `task_name` is what finds the task again.  `teacher` and `critic` are endpoints or
    checkpoints, the critic the teacher itself by default.  `questions` is "teacher", "gold" or
    the path of a file of inputs.  `attempts` limits how many are made, four a candidate by
    default.  `max_tokens` of None allows a reply what its task does.  A key is named by the
    environment variable that holds it.
    """

    task: Task
    task_name: str
    teacher: str
    out: Path
    count: int
    critic: str | None = None
    keep_share: float = 0.5
    attempts: int | None = None
    questions: str = FROM_TEACHER
    personas: Path | None = None
    sources: Path | None = None
    constrained: bool = False
    temperature: float = 0.8
    max_tokens: int | None = None
    min_score: float = 0.9
    prices: Prices = field(default_factory=Prices)
    licence: str = ""
    seed: int = 0
    pace: Pace = field(default_factory=Pace)
    teacher_key: str | None = None
    critic_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """What was written, what was not, and how many attempts it took."""

    manifest: DataManifest
    selection: Selection
    attempts: int
    cost: float


def synthesize(request: SynthesisRequest, places: Places, progress: Progress) -> Synthesis:
    """Return what came of it, everything written.

    Attempts are kept beside `out` as they are made: the same request goes on from them, and
    one for more or fewer examples does too.  Raises `InvalidDataset` when too few pass, and
    then writes what was rejected and nothing else.
    """
    _require_numbers(request)
    with ended(progress):
        room = _classroom(request)
        keys = {request.teacher: key_in(request.teacher_key)}
        keys |= {_critic(request): key_in(request.critic_key) or keys.get(_critic(request))}
        with AttemptJournal(attempts_path(request.out), _identity(request, room)) as journal:
            # A server takes half a minute to start, and is not needed where all is known.
            if standing(room, journal)[1]:
                with voices(keys, places, progress) as up:
                    speaking = (up[request.teacher], up[_critic(request)])
                    event_loop.run(teach(room, journal, speaking, places, progress))
            judged, _ = standing(room, journal)
            made = tuple(journal.attempts.values())
    selection = select(judged, room.quota, seed=request.seed)
    if not selection.kept:
        manifest_path(request.out).unlink(missing_ok=True)
        write_aside(request.out, as_aside(map(as_rejected, selection.rejected)))
        raise InvalidDataset(_shortfall(request, room.quota, selection, len(judged)))
    manifest = _written(request, room, selection, made)
    return Synthesis(manifest=manifest, selection=selection, attempts=len(made), cost=_cost(request, made))


def _require_numbers(request: SynthesisRequest) -> None:
    if not 0 < request.keep_share <= 1:
        raise UsageError(f"--keep-share is {request.keep_share:g}: set it above 0 and to at most 1")
    for name, value in (
        ("temperature", request.temperature),
        ("min-score", request.min_score),
        ("price-in", request.prices.prompt),
        ("price-out", request.prices.reply),
    ):
        if not isfinite(value):
            raise UsageError(f"--{name} is {value}: set it to a number")


def _critic(request: SynthesisRequest) -> str:
    return request.critic or request.teacher


def _classroom(request: SynthesisRequest) -> Classroom:
    task, questions = request.task, _questions(request)
    return Classroom(
        task=task,
        quota=_quota(request, questions),
        check=SelfCheck(task, min_score=request.min_score),
        personas=read_lines(request.personas) if request.personas else (),
        documents=read_documents(request.sources) if request.sources else (),
        questions=questions,
        asks_critic=request.critic is not None or request.keep_share < 1,
        constrained=request.constrained,
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        seed=request.seed,
        pace=request.pace,
        today=datetime.now(UTC).date().isoformat(),
    )


def _questions(request: SynthesisRequest) -> tuple[Inputs, ...] | None:
    if request.questions == FROM_TEACHER:
        input_shape([each.inputs for each in request.task.gold])
        return None
    if request.questions == FROM_GOLD:
        return tuple(each.inputs for each in request.task.gold)
    return read_questions(Path(request.questions), request.task)


def _quota(request: SynthesisRequest, questions: Sequence[Inputs] | None) -> Quota:
    quota = Quota(count=request.count, keep_share=request.keep_share, limit=0)
    limit = request.attempts or _ATTEMPTS_A_CANDIDATE * quota.candidates
    if questions is not None:
        limit = min(limit, len(questions))
    return Quota(
        count=request.count,
        keep_share=request.keep_share,
        limit=limit,
        may_despair=request.attempts is None,
    )


def _identity(request: SynthesisRequest, room: Classroom) -> dict[str, Json]:
    """Everything that an attempt hangs on; how many are wanted is no part of it."""
    return {
        "task": request.task_name,
        "task digest": request.task.digest,
        "teacher": request.teacher,
        "critic": _critic(request) if room.asks_critic else None,
        "questions": request.questions if room.questions is None else _digest(room.questions),
        "personas": _digest(room.personas),
        "sources": _digest([[each.id, each.text] for each in room.documents]),
        "constrained": request.constrained,
        "temperature": request.temperature,
        "most tokens": request.max_tokens,
        "lowest score": request.min_score,
        "seed": request.seed,
        "wording": WORDING,
    }


def _digest(value: Sequence[object]) -> str | None:
    if not value:
        return None
    return hashlib.sha256(json.dumps(list(map(_plain, value)), sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


def _shortfall(request: SynthesisRequest, quota: Quota, selection: Selection, made: int) -> str:
    told = ", ".join(f"{count} by {check}" for check, count in selection.checks.most_common())
    first = selection.rejected[0].reason if selection.rejected else "there were no questions"
    possible = int(selection.passed * request.keep_share)
    fewer = f"ask for --count {possible}, " if possible else ""
    return (
        f"{request.teacher} gave {selection.passed} of the {quota.candidates} candidates that "
        f"{request.count} examples need, in {made} attempts (rejected: {told or 'none'}; the first because "
        f"{first}), and nothing was written to {request.out}: {fewer}raise --attempts, or take a "
        f"stronger teacher; see {aside_path(request.out, REJECTED)}"
    )


def _written(
    request: SynthesisRequest,
    room: Classroom,
    selection: Selection,
    made: Sequence[Attempt],
) -> DataManifest:
    teacher = called(request.teacher)
    step = Step(
        name="synthesize",
        inputs=(),
        examples=tuple(as_example(each, request.task, teacher=teacher) for each in selection.kept),
        settings={
            **_identity(request, room),
            "keep share": request.keep_share,
            "checked by": "the task's scorer" if room.check.scores_alone else "asking twice",
            "licence": request.licence or "not stated",
            "price of a million prompt tokens": request.prices.prompt,
            "price of a million reply tokens": request.prices.reply,
            "cost": _cost(request, made),
        },
        counts={
            "attempts": len(made),
            "kept": len(selection.kept),
            "passed": selection.passed,
            **{f"rejected by {check}": count for check, count in sorted(selection.checks.items())},
            **_tokens(made),
        },
        asides=(as_aside(map(as_rejected, selection.rejected)),),
    )
    return leave(request.out, step)


def _tokens(made: Sequence[Attempt]) -> dict[str, int]:
    spent = [asdict(each.spent) for each in made]
    names = spent[0] if spent else {}
    return {name: sum(each[name] for each in spent) for name in names}


def _cost(request: SynthesisRequest, made: Sequence[Attempt]) -> float:
    """What the recorded requests cost; the critic's are priced like the teacher's."""
    spent = _tokens(made)
    prompt = spent.get("prompt_tokens", 0) + spent.get("critic_prompt_tokens", 0)
    reply = spent.get("completion_tokens", 0) + spent.get("critic_completion_tokens", 0)
    return round((prompt * request.prices.prompt + reply * request.prices.reply) / _MILLION, 6)
