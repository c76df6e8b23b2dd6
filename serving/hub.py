"""Fetches a public model from the Hugging Face hub: safetensors and text, never code."""

import re
from collections.abc import Callable
from pathlib import Path

from harness import UnknownCheckpoint

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_ALLOWED = (
    *("*.safetensors", "*.json", "*.jinja", "merges.txt", "vocab.txt", "*.model"),
    "training-shingles.npy",
)


def looks_like_hub_id(text: str) -> bool:
    """Return whether `text` is of the form org/name."""
    return _HUB_ID.fullmatch(text) is not None


def snapshot(hub_id: str, *, offline: bool, say: Callable[[str], None]) -> Path:
    """Return the local folder of a hub model, downloaded unless it is there already.

    With `offline` only what was downloaded before is used.  Raises `UnknownCheckpoint`
    when the hub does not have it or cannot be reached.
    """
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as problem:
        raise UnknownCheckpoint(
            f"hub model {hub_id} cannot be fetched without huggingface_hub: pip install 'weighbridge[cpu]'"
        ) from problem
    if not offline:
        say(f"fetching {hub_id} from the hub")
    try:
        folder = snapshot_download(
            hub_id,
            local_files_only=offline,
            allow_patterns=list(_ALLOWED),
            ignore_patterns=["*/*"],  # other formats and originals lie in subfolders
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as problem:
        raise UnknownCheckpoint(
            f"unknown checkpoint {hub_id!r}: it is no folder here, and the hub does not have it or cannot be "
            f"reached ({_first_line(problem)}); check the spelling and the network"
        ) from problem
    return Path(folder)


def _first_line(problem: Exception) -> str:
    lines = str(problem).strip().splitlines()
    return lines[0].rstrip(" .:") if lines else type(problem).__name__
