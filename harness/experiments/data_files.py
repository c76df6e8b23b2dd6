"""Training examples looked up: a source read, and the task that words its prompts found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.config.task_folder import find_task, load_task
from harness.domain.task import Task
from harness.experiments.progress import Tally
from harness.experiments.request import Places
from training.data.likeness import Embed
from training.data.manifest import DataFile, read_manifest
from training.data.source import data_file, read_source
from training.example import Example

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH_TEXTS = 256
_THREADS = 2
"""Nothing is measured meanwhile, so torch may have more than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Examples, where they came from, and the task that words them, None where none does."""

    examples: tuple[Example, ...]
    file: DataFile
    task: Task | None
    task_name: str | None
    """The task as `find_task` finds it again: a name, or a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where a step works, what words its prompts unless a manifest says, and who is told how far it is."""

    places: Places
    task: str | None
    tally: Tally

    def read(self, source: str) -> Data:
        """Return the examples of `source`."""
        self.tally.say(f"reading {source}")
        return read_data(source, task=self.task, places=self.places)


def read_data(source: str, *, task: str | None, places: Places) -> Data:
    """Return the examples of `source`, worded by `task` or by the one its manifest names.

    Raises `InvalidDataset` and `InvalidTask`, as reading the two does.
    """
    named = task if task is not None else _task_in_manifest(Path(source))
    found = None if named is None else find_task(named, tasks_dir=places.tasks)
    loaded = None if found is None else load_task(found)
    examples = read_source(source, task=loaded)
    return Data(
        examples=examples,
        file=data_file(source, examples),
        task=loaded,
        task_name=None if found is None else task_name(found, places),
    )


def task_name(folder: Path, places: Places) -> str:
    """Return what to call a task's folder in a manifest: its name where it is ours, else its path."""
    is_ours = folder.parent == places.tasks
    return folder.name if is_ours else str(folder.absolute())


def counted_embedder(places: Places, tally: Tally) -> Embed:
    """Return the embedder of `places` for examples; it shows how far it has come, and loads on first use."""

    def embed(texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        from serving.embedder_choice import open_embedder

        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        embedder = open_embedder(places.embedder, cache=places.cache, threads=_THREADS)
        # Texts of a length go together, because short ones are padded to the longest of a batch.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        batches = []
        for start in range(0, len(order), _BATCH_TEXTS):
            tally.count(start, len(order))
            batches.append(embedder.embed([texts[place] for place in order[start : start + _BATCH_TEXTS]]))
        vectors = np.concatenate(batches)
        vectors[order] = vectors.copy()
        return vectors

    return embed


def _task_in_manifest(path: Path) -> str | None:
    manifest = read_manifest(path) if path.is_file() else None
    named = None if manifest is None else manifest.settings.get("task")
    return named if isinstance(named, str) else None
