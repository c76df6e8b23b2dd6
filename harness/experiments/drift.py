"""One look at live inputs: read, embed, compare with training, gold and scores, recommend, keep."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from harness.domain.drift import DriftReport, GoldState, Schedule, ScoreStep
from harness.domain.task import Task
from harness.errors import TooFewItems, UsageError
from harness.experiments.data_files import Data, read_data
from harness.experiments.drift_measures import Counted, Texts, coverage, input_drift, strangest
from harness.experiments.drift_record import keep_look, look_before
from harness.experiments.label_change import last_change
from harness.experiments.progress import Tally
from harness.experiments.request import Places
from harness.experiments.trend import Selection, trend_record
from harness.gating.drift import Evidence, recommended, shift_of
from reports.trend.series import Series, series
from serving.live_inputs import read_live_inputs
from training.certificate import Certificate, read_certificate
from training.data.likeness import Embed
from training.data.sample import drawn

_FEWEST_LIVE = 30
_FEWEST_TRAINED = 60
_FEWEST_ITEMS = 20
_USUAL_LIVE = 150
_MOST = 1000
_ALPHA = 0.05
_GOLD = ("gold.jsonl",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRequest:
    """Compare the inputs in the file `live` with the training examples of `data`.

    `checkpoint` is the label of what was trained, which finds its certificate and its recorded scores.
    `owner` goes before the certificate's; `every_days` and `within_days` are the schedule's.
    """

    live: Path
    data: str
    places: Places
    task: str | None = None
    checkpoint: str | None = None
    owner: str = ""
    every_days: int = 90
    within_days: int = 14
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """An embedder and the name of its vectors."""

    name: str
    embed: Embed


def look(request: DriftRequest, embedding: Embedding, today: date, tally: Tally) -> tuple[DriftReport, Path]:
    """Return what the look found and where it is kept.

    Raises `TooFewItems` for fewer inputs than anything could be said of, `UsageError` for training
    examples that the checkpoint's certificate does not name, and what reading the files raises.
    """
    tally.say(f"reading {request.data}")
    data = read_data(request.data, task=request.task, places=request.places)
    certificate = _certificate(request, data)
    schedule = _schedule(request, certificate)
    asked = read_live_inputs(request.live, task=data.task)
    live, trained = (
        _drawn(asked, request.seed),
        _drawn((each.question for each in data.examples), request.seed),
    )
    _require_enough(request, live=len(live), trained=len(trained))
    tally.say("embedding inputs")
    vectors = _Vectors(embedding)
    live_texts, trained_texts = vectors.of(live), vectors.of(_named(trained, data))
    passed = Counted(repeats=len(asked) - len(set(asked)), undrawn=len(set(asked)) - len(live))
    tally.say("comparing inputs")
    inputs = input_drift(live_texts, trained_texts, passed, alpha=_ALPHA, seed=request.seed)
    gold = None if data.task is None else _gold(data.task, data.task_name or "", request, live_texts, vectors)
    before = look_before(request.places.results, request.checkpoint or data.file.digest, today)
    lines = _recorded(request, data)
    steps = tuple(_last_step(line) for line in lines if line.changes)
    evidence = Evidence(inputs=inputs, gold=gold, before=None if before is None else before.gold, steps=steps)
    report = DriftReport(
        looked_on=today,
        checkpoint=request.checkpoint or "",
        live_file=str(request.live),
        data_digest=data.file.digest,
        embedder=embedding.name,
        shift=shift_of(inputs),
        inputs=inputs,
        gold=gold,
        series=len(lines),
        steps=steps,
        recommendation=recommended(evidence, schedule, today),
    )
    return report, keep_look(request.places.results, report)


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Gives texts their vectors."""

    embedding: Embedding

    def of(self, by_id: Mapping[str, str]) -> Texts:
        import numpy as np

        vectors = self.embedding.embed(tuple(by_id.values()))
        return Texts(by_id=by_id, vectors=np.asarray(vectors, dtype=np.float64))


def _certificate(request: DriftRequest, data: Data) -> Certificate | None:
    """What the checkpoint says of its training; refused where it was trained on other examples."""
    if request.checkpoint is None:
        return None
    whole = Path(request.checkpoint).expanduser()
    folder = whole if whole.is_dir() else Path(request.checkpoint.rpartition("+")[2]).expanduser()
    certificate = read_certificate(folder)
    if (
        certificate is not None
        and certificate.method != "dpo"
        and certificate.data_digest != data.file.digest
    ):
        raise UsageError(
            f"{request.checkpoint} was trained on other examples than {request.data} holds "
            f"({certificate.data_digest[:12]}, not {data.file.digest[:12]}): give --data the file it was "
            "trained on"
        )
    return certificate


def _schedule(request: DriftRequest, certificate: Certificate | None) -> Schedule:
    trained_on = None if certificate is None else datetime.fromisoformat(certificate.created_at)
    return Schedule(
        owner=request.owner or ("" if certificate is None else certificate.owner),
        trained_on=None if trained_on is None else trained_on.astimezone(UTC).date(),
        every_days=request.every_days,
        grace_days=request.within_days,
    )


def _drawn(texts: Iterable[str], seed: int) -> dict[str, str]:
    """Distinct texts in an order that depends on nothing but themselves, as many as are compared."""
    order = sorted(set(texts), key=lambda text: drawn(seed, text))
    return {text: text for text in order[:_MOST]}


def _named(trained: Mapping[str, str], data: Data) -> dict[str, str]:
    """The drawn questions by the id of the first example that asks each."""
    first = {each.question: each.id for each in reversed(data.examples)}
    return {first[text]: text for text in trained}


def _require_enough(request: DriftRequest, *, live: int, trained: int) -> None:
    if live < _FEWEST_LIVE:
        raise TooFewItems(
            f"{request.live} holds {live} distinct inputs: at least {_FEWEST_LIVE} are needed to find a "
            f"shift, and about {_USUAL_LIVE} to show that there is none; collect more traffic"
        )
    if trained < _FEWEST_TRAINED:
        raise TooFewItems(
            f"{request.data} holds {trained} distinct inputs: at least {_FEWEST_TRAINED} are needed to "
            "compare with; give all examples that were trained on"
        )


def _gold(task: Task, name: str, request: DriftRequest, live: Texts, vectors: _Vectors) -> GoldState:
    """The gold pool now, and which live inputs it does not reach."""
    from harness.config.task_folder import find_task

    folder = find_task(name or task.name, tasks_dir=request.places.tasks)
    changed = last_change(folder, _GOLD)
    by_id = {each.id: task.ask(each.inputs) for each in task.gold}
    content = "\n".join(repr((each.id, sorted(each.inputs.items()), each.output)) for each in task.gold)
    items = _drawn((task.ask(item.inputs) for item in task.items), request.seed)
    is_known = len(items) >= _FEWEST_ITEMS and bool(by_id)
    pool = vectors.of(by_id) if is_known else None
    return GoldState(
        digest=hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest(),
        size=len(task.gold),
        changed_on=None if changed is None else changed.on,
        far=None if pool is None else coverage(live, vectors.of(items), pool, alpha=_ALPHA),
        strangest=() if pool is None else strangest(live, pool),
    )


def _recorded(request: DriftRequest, data: Data) -> tuple[Series, ...]:
    """The series of the checkpoint, or of the task where none is named; none where nothing is recorded."""
    database = request.places.database
    if not database.is_file() or (request.checkpoint is None and data.task is None):
        return ()
    if request.checkpoint is not None:
        selection = Selection(checkpoints=(request.checkpoint,))
    else:
        selection = Selection(tasks=(data.task.name,) if data.task is not None else ())
    return series(trend_record(database, selection).points)


def _last_step(line: Series) -> ScoreStep:
    last = line.changes[-1]
    return ScoreStep(
        series=f"{line.name} ({line.side})",
        on=datetime.fromtimestamp(last.point.at_s, UTC).date(),
        before=last.before,
        after=last.after,
    )
