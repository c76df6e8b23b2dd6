"""Trains the embedder of a task's gold pool and leaves it in a folder, whole or not at all."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.domain.task import Task
from harness.errors import UsageError
from harness.experiments.environment import environment
from harness.experiments.progress import Progress, ended
from harness.experiments.request import Places, words
from serving.digest import weights_digest
from serving.embedder import quiet
from serving.embedder_choice import embedder_choice
from training.embeddings.certificate import EmbedderCertificate, write_embedder_certificate
from training.embeddings.nearest import derive_pairs
from training.embeddings.pairs import PairSet, read_pairs
from training.embeddings.train import EmbedderSettings, train_embedder


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedRequest:
    """Train `base` to find gold examples of `task`; without `pairs` they are made of its gold pool."""

    task: str
    pairs: Path | None
    base: str
    out: Path
    settings: EmbedderSettings
    places: Places


def run_embed(request: EmbedRequest, progress: Progress) -> EmbedderCertificate:
    """Return the certificate of the embedder that now stands in `request.out`.

    Raises `UsageError` where that folder holds something already, and what reading task,
    pairs and base raises.
    """
    began_s = time.monotonic()
    _require_free(request.out)
    task = load_task(find_task(request.task, tasks_dir=request.places.tasks))
    base = _base(request.base)
    with ended(progress), _whole_or_not(request.out) as draft:
        progress.say("looking for pairs")
        pairs = _pairs(request, task)
        with quiet():
            trained = train_embedder(base, pairs, request.settings, out=draft, say=progress.say)
        certificate = EmbedderCertificate(
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            base=request.base,
            base_digest=weights_digest(base, cache=request.places.cache),
            task=task.name,
            task_digest=task.digest,
            source=pairs.source,
            pairs_digest=pairs.digest,
            queries=len(pairs.training),
            held_out=len(pairs.held_out),
            lessons=len(trained.lessons),
            epochs=request.settings.epochs,
            negatives=request.settings.negatives,
            dims=trained.dims,
            seed=request.settings.seed,
            before=trained.before,
            after=trained.after,
            elapsed_s=round(time.monotonic() - began_s, 1),
            environment=environment(),
        )
        write_embedder_certificate(draft, certificate)
    return certificate


def sizes_named(text: str) -> tuple[int, ...]:
    """Return the numbers in a comma-separated list; raise `UsageError` for any other word."""
    wrong = [word for word in words(text) if not word.isdecimal()]
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no number of dimensions: write --dims 64,128,256,384")
    return tuple(int(word) for word in words(text))


def _require_free(out: Path) -> None:
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise UsageError(f"{out} holds something already: choose another folder with --out, or remove it")


def _base(text: str) -> Path:
    choice = embedder_choice(text)
    if choice.dims is not None:
        raise UsageError(
            f"{text} is cut to {choice.dims} dimensions: name the base whole, and --dims for training"
        )
    return choice.where


def _pairs(request: EmbedRequest, task: Task) -> PairSet:
    if not task.gold:
        raise UsageError(f"task {task.name} has no gold examples to find: add gold.jsonl")
    if request.pairs is None:
        return derive_pairs(task, seed=request.settings.seed)
    return read_pairs(request.pairs, task, seed=request.settings.seed)


@contextmanager
def _whole_or_not(out: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `out` when the block ends well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield draft
        draft.chmod(0o755)
        draft.replace(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
