"""What a user names with --embedder: `minilm`, or the folder of a model, cut to some dimensions or not.

    minilm            the embedder that a package carries
    ./embedder        a sentence-transformers folder, such as `weighbridge embed` writes
    ./embedder@128    the same, only the first 128 dimensions of its vectors

Its name carries the digest of the folder's content and never the folder's own: other
vectors retrieve other examples, and so make other prompts.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from harness import UsageError
from serving.digest import file_digest
from serving.embedder import Embedder, FolderEmbedder, MiniLmEmbedder, minilm_folder, minilm_name

MINILM = "minilm"

_WITH_DIMS = re.compile(r"(.+)@([0-9]{1,6})")
_CONTENT = ("*.safetensors", "*.json", "*.txt", "*.model")
_NOT_CONTENT = "weighbridge-embedder.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderChoice:
    """A choice taken apart; `folder` of None is the packaged model, `dims` of None all dimensions."""

    folder: Path | None
    dims: int | None

    @property
    def where(self) -> Path:
        """The folder that holds the model."""
        return minilm_folder() if self.folder is None else self.folder


def embedder_choice(text: str) -> EmbedderChoice:
    """Return the choice spelt `text`.

    Raises `UsageError` where there is no such embedder or it has not so many dimensions.
    """
    base, dims = _parts(text)
    if base == MINILM and not Path(base).is_dir():
        choice = EmbedderChoice(folder=None, dims=dims)
    else:
        choice = EmbedderChoice(folder=_checked(Path(base).expanduser(), text), dims=dims)
    _require_dims(choice, text)
    return choice


def embedder_name(text: str, *, cache: Path) -> str:
    """Return the name of the embedder spelt `text` without loading it; raises `UsageError`."""
    choice = embedder_choice(text)
    if choice.folder is None:
        return minilm_name(cache, dims=choice.dims)
    whole = hashlib.sha256()
    for path in sorted({path for pattern in _CONTENT for path in choice.folder.rglob(pattern)}):
        if path.name != _NOT_CONTENT:
            name = path.relative_to(choice.folder).as_posix()
            whole.update(f"{name}\n{file_digest(path, cache=cache)}\n".encode("utf-8", "surrogateescape"))
    cut = "" if choice.dims is None else f"-{choice.dims}d"
    return f"embedder-{whole.hexdigest()[:12]}{cut}"


def open_embedder(text: str, *, cache: Path, threads: int = 1) -> Embedder:
    """Return the embedder spelt `text`, loaded, which takes seconds; raises `UsageError`."""
    choice = embedder_choice(text)
    if choice.folder is None:
        return MiniLmEmbedder(cache, dims=choice.dims, threads=threads)
    name = embedder_name(text, cache=cache)
    return FolderEmbedder(choice.folder, name=name, dims=choice.dims, threads=threads)


def _parts(text: str) -> tuple[str, int | None]:
    """Folder and dimensions; a folder that is called so goes before."""
    match = None if Path(text).expanduser().is_dir() else _WITH_DIMS.fullmatch(text)
    return (text, None) if match is None else (match[1], int(match[2]))


def _checked(folder: Path, text: str) -> Path:
    if not (folder / "modules.json").is_file() or not any(folder.rglob("*.safetensors")):
        raise UsageError(
            f"unknown embedder {text!r}: {folder} holds no sentence-transformers model; write {MINILM}, or "
            "the folder that weighbridge embed left, with @DIMS for fewer dimensions"
        )
    return folder.resolve()


def _require_dims(choice: EmbedderChoice, text: str) -> None:
    if choice.dims is None:
        return
    most = _hidden_size(choice.where)
    if choice.dims < 1 or (most is not None and choice.dims > most):
        raise UsageError(
            f"embedder {text!r} asks for {choice.dims} dimensions: ask for 1 to {most or 'all it has'}"
        )


def _hidden_size(folder: Path) -> int | None:
    """What the model says of itself, None where it does not: loading it then tells."""
    for path in (folder / "config.json", folder / "0_Transformer" / "config.json"):
        try:
            said = json.loads(path.read_bytes())["hidden_size"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(said, int):
            return said
    return None
