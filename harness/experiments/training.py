"""From a recipe to adapters: everything looked up and rendered, then trained in a process of its own."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.domain.arm import ArmKind, parse_arm
from harness.domain.task import Json, Task
from harness.errors import InvalidDataset, InvalidRecipe
from harness.experiments.environment import environment
from harness.experiments.request import Places
from harness.experiments.training_rows import Lesson, lessons_of, rendered, split
from serving.checkpoints import resolve_checkpoint
from serving.digest import weights_digest
from serving.embedded_model import ALIAS
from serving.embedder_choice import embedder_name
from serving.hardware import hardware
from serving.hub import looks_like_hub_id
from training.certificate import Certificate
from training.data.manifest import read_manifest
from training.data.review import read_review, require_reviewed
from training.events import Event, Finished
from training.example_rows import examples_digest, read_examples
from training.job import Job, epoch_folders, keep_shingles, write_job
from training.launch import launch
from training.preference import preferences_digest, read_preferences
from training.recipe import Recipe
from training.rows import Row, write_rows
from training.shingles import all_shingles

_PACKAGES = ("trl", "peft", "bitsandbytes", "accelerate", "datasets", "unsloth")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """Train `recipe`, whose relative paths are looked up in `near` first, into the folder `out`.

    `review` is a review of the data, `accepted_by` who takes data all the same that was not
    read or not found good, and `owner` who answers for the checkpoint; both may be empty.
    """

    recipe: Recipe
    near: Path
    out: Path
    places: Places
    owner: str = ""
    review: Path | None = None
    accepted_by: str | None = None
    mongodb_uri: str | None = None
    estimate_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The adapters of a run, an epoch each, and what was only looked at.

    `finished` is None where only an estimate was asked for; `task_name` is how the recipe
    names the task.
    """

    out: Path
    epochs: tuple[Path, ...]
    finished: Finished | None
    validation: tuple[Lesson, ...]
    task: Task | None
    task_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """The file that is trained on, the digest of its examples, and who took it as it is."""

    path: Path
    digest: str
    overrides: tuple[str, ...]


def train(request: TrainRequest, say: Callable[[str], None], listen: Callable[[Event], None]) -> Trained:
    """Return the adapters that `request` asks for, trained now, resumed or found finished.

    Raises `InvalidRecipe`, `InvalidDataset` or `UnknownCheckpoint` for what cannot be trained,
    and `TrainingError` when training had to stop.
    """
    recipe = request.recipe
    task = None if recipe.task is None else load_task(find_task(recipe.task, tasks_dir=request.places.tasks))
    data = _found(recipe.data, request.near)
    lessons, digest = _lessons(data, recipe, task)
    override = _reviewed(request, digest)
    learn, look = _parts(lessons, request, task)
    say(f"rendering {len(learn)} examples and {len(look)} to validate on")
    training, validation = rendered(
        (learn, look),
        task,
        recipe,
        places=request.places,
        mongodb_uri=request.mongodb_uri,
    )
    source = _Source(path=data, digest=digest, overrides=(override,) if override else ())
    job = _job(request, training, source, say)
    path = write_job(job)
    write_rows(job.training_rows, training)
    write_rows(job.validation_rows, validation)
    keep_shingles(job, all_shingles(_texts(learn)))
    finished = _finished(job) or launch(job, path, listen)
    return Trained(
        out=request.out,
        epochs=epoch_folders(request.out),
        finished=finished,
        validation=look,
        task=task,
        task_name=recipe.task or "",
    )


def _lessons(data: Path, recipe: Recipe, task: Task | None) -> tuple[tuple[Lesson, ...], str]:
    """The lessons in a file and the digest of what it holds."""
    if recipe.method == "dpo":
        pairs = read_preferences(data, task=task)
        return lessons_of(pairs), preferences_digest(pairs)
    examples = read_examples(data, task=task)
    return lessons_of(examples), examples_digest(examples)


def _parts(
    lessons: tuple[Lesson, ...], request: TrainRequest, task: Task | None
) -> tuple[tuple[Lesson, ...], tuple[Lesson, ...]]:
    """What is learnt and what is looked at: a file of its own, or a share that is split off."""
    recipe = request.recipe
    if recipe.validation is None:
        return split(lessons, recipe.validation_share, recipe.seed)
    path = _found(recipe.validation, request.near)
    look, _ = _lessons(path, recipe, task)
    asked = {lesson.question for lesson in lessons}
    shared = [lesson for lesson in look if lesson.question in asked]
    if shared:
        raise InvalidDataset(
            f"{len(shared)} of {len(look)} examples in {path} are trained on too, first {shared[0].id!r}: "
            "take them out of one of the two files"
        )
    return lessons, look


def _reviewed(request: TrainRequest, digest: str) -> str | None:
    review = None if request.review is None else read_review(request.review)
    if request.estimate_only:
        return None
    return require_reviewed(digest, review, request.accepted_by)


def _job(request: TrainRequest, training: Sequence[Row], source: _Source, say: Callable[[str], None]) -> Job:
    recipe, cache = request.recipe, request.places.cache
    machine = hardware()
    base = resolve_checkpoint(
        recipe.base, cache=cache, precision=machine.precision, max_model_len=recipe.max_tokens, say=say
    )
    if base.weights is None or base.adapter is not None:
        raise InvalidRecipe(
            f"base {recipe.base} is {'an endpoint' if base.weights is None else 'an adapter'}: name the "
            "folder of a whole model, or merge the adapter first"
        )
    certificate = Certificate(
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        method=recipe.method,
        base=recipe.base,
        base_digest=weights_digest(base.weights, cache=cache),
        quantization=recipe.quantization,
        prompt_arms=_shares(training),
        task=recipe.task or "",
        data_digest=source.digest,
        examples=len(training),
        template_digest="",
        recipe=recipe.model_dump(mode="json"),
        data_steps=_steps(source.path),
        environment=environment(_PACKAGES),
        owner=request.owner,
        overrides=source.overrides,
        embedder=_embedder(recipe, request.places),
    )
    return Job(
        base=str(base.weights),
        base_name=_lasting_name(recipe.base, base.weights),
        out=str(request.out.absolute()),
        certificate=certificate,
        precision=machine.precision,
        estimate_only=request.estimate_only,
    )


def _embedder(recipe: Recipe, places: Places) -> str:
    """Who found the examples of rag-K prompts, empty where no prompt holds any."""
    retrieves = any(parse_arm(name).kind is ArmKind.RAG for name in recipe.prompt_arms)
    return embedder_name(places.embedder, cache=places.cache) if retrieves else ""


def _lasting_name(base: str, weights: Path) -> str:
    """The name by which an adapter's base is found again, here and elsewhere."""
    is_name = base == ALIAS or (looks_like_hub_id(base) and not Path(base).is_dir())
    return base if is_name else str(weights)


def _shares(rows: Sequence[Row]) -> Mapping[str, float]:
    """The share of each arm among the prompts of the job itself: what was mixed in has none."""
    count = Counter(row.arm for row in rows if row.arm)
    return {arm: round(number / count.total(), 4) for arm, number in sorted(count.items())}


def _steps(data: Path) -> tuple[Mapping[str, Json], ...]:
    """What the data room did to the file, where that is recorded."""
    import msgspec

    manifest = read_manifest(data)
    return () if manifest is None else (msgspec.to_builtins(manifest),)


def _texts(lessons: Sequence[Lesson]) -> list[str]:
    """What was asked and what was answered, which an evaluation item must not share."""
    return [text for lesson in lessons for text in (lesson.question, *lesson.replies.values())]


def _finished(job: Job) -> Finished | None:
    """How the run ended, where it did: the same command then trains nothing."""
    import msgspec

    if job.estimate_only or not job.finished.is_file():
        return None
    return msgspec.json.decode(job.finished.read_bytes(), type=Finished, strict=False)


def _found(name: str, near: Path) -> Path:
    """A path of the recipe, beside the recipe or else where the program runs."""
    path = Path(name).expanduser()
    beside = near / path
    return beside if beside.is_file() else path
