"""Where examples come from: a file of JSON lines, any file or folder `datasets` reads, or its hub."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from harness import InvalidDataset, Task
from training.data.manifest import DataFile
from training.example import Example
from training.example_rows import examples_digest, examples_of, read_examples

_BUILDERS = {".json": "json", ".csv": "csv", ".parquet": "parquet", ".arrow": "arrow"}
_SPLIT = "train"


def read_source(source: str, *, task: Task | None = None) -> tuple[Example, ...]:
    """Return the examples of `source`: JSON lines, a table, a saved `datasets` folder or a hub id.

    The split `train` of a data set with several is read; `NAME:SPLIT` names another.  `task`
    words rows that hold inputs.  Raises `InvalidDataset` for what cannot be found or read.
    """
    path = Path(source)
    if path.is_file():
        if path.suffix in _BUILDERS:
            return examples_of(_table(path), where=source, task=task)
        return read_examples(path, task=task)
    name, _, split = source.partition(":")
    if path.is_dir() or Path(name).is_dir():
        folder = path if path.is_dir() else Path(name)
        return examples_of(_saved(folder, split or _SPLIT), where=source, task=task)
    if not _may_be_on_the_hub(name):
        raise InvalidDataset(
            f"{source} is neither a file nor a folder: give JSON lines, a saved datasets folder or a hub id "
            "such as owner/name"
        )
    return examples_of(_from_hub(name, split or _SPLIT), where=source, task=task)


def data_file(source: str, examples: tuple[Example, ...]) -> DataFile:
    """Return what a manifest says of a source and the examples that were read from it."""
    shown = str(Path(source).absolute()) if Path(source).exists() else source
    return DataFile(path=shown, digest=examples_digest(examples), examples=len(examples))


def _table(path: Path) -> Iterable[Mapping[str, Any]]:
    return _loaded(
        str(path),
        lambda datasets: datasets.load_dataset(
            _BUILDERS[path.suffix], data_files=str(path), split=_SPLIT, keep_in_memory=True
        ),
    )


def _saved(folder: Path, split: str) -> Iterable[Mapping[str, Any]]:
    def load(datasets: Any) -> Any:  # noqa: ANN401 - an untyped library
        whole = datasets.load_from_disk(str(folder))
        if not isinstance(whole, datasets.DatasetDict):
            return whole
        if split in whole:
            return whole[split]
        raise InvalidDataset(
            f"{folder} has the splits {', '.join(whole)} and not {split}: name one, as in "
            f"{folder}:{next(iter(whole))}"
        )

    return _loaded(str(folder), load)


def _from_hub(name: str, split: str) -> Iterable[Mapping[str, Any]]:
    return _loaded(name, lambda datasets: datasets.load_dataset(name, split=split))


def _loaded(source: str, load: Callable[[Any], Any]) -> Iterable[Mapping[str, Any]]:
    """The rows of a data set; whatever the library raises becomes one sentence."""
    try:
        import datasets
    except ImportError as error:
        raise InvalidDataset(
            f"{source} needs the package datasets: pip install 'weighbridge[train]', or give JSON lines"
        ) from error
    _quieten(datasets)
    try:
        rows: Iterable[Mapping[str, Any]] = load(datasets)
    except InvalidDataset:
        raise
    except Exception as error:  # builders raise what their parsers raise
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise InvalidDataset(
            f"{source} could not be read as a data set ({first}): check the name and the split, or give "
            "JSON lines"
        ) from error
    return rows


def _quieten(datasets: Any) -> None:  # noqa: ANN401 - an untyped library
    """Leave what goes wrong to the one sentence that is made of it."""
    import logging

    datasets.disable_progress_bars()
    for name in ("datasets", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _may_be_on_the_hub(name: str) -> bool:
    """Whether a name looks like owner/name; a path with dots or a suffix of ours was mistyped."""
    parts = name.split("/")
    return len(parts) == 2 and all(parts) and not name.startswith((".", "~")) and not _is_a_file_name(name)  # noqa: PLR2004


def _is_a_file_name(name: str) -> bool:
    return Path(name).suffix in {*_BUILDERS, ".jsonl", ".txt"}
