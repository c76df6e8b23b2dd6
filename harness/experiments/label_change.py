"""The day on which schema or labels of a task last changed."""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from training.preflight.facts import LabelChange

_LABEL_FILES = ("schema.json", "items.jsonl", "gold.jsonl")
_GIT_LIMIT_S = 10


def last_label_change(folder: Path) -> LabelChange | None:
    """Return when schema, items or gold examples of a task last changed, None for no such files."""
    return last_change(folder, _LABEL_FILES)


def last_change(folder: Path, files: Sequence[str]) -> LabelChange | None:
    """Return when any of the `files` in a folder last changed, None where it has none of them.

    Git tells, by the author's date; where the files are not committed as they are, or there
    is no git, the latest of their modification times does.
    """
    names = [name for name in files if (folder / name).is_file()]
    if not names:
        return None
    committed = _git(folder, "log", "-1", "--format=%aI", "--", *names)
    if committed and _git(folder, "status", "--porcelain", "--", *names) == "":
        return LabelChange(on=datetime.fromisoformat(committed).astimezone(UTC).date(), told_by="git")
    latest_s = max((folder / name).stat().st_mtime for name in names)
    return LabelChange(on=datetime.fromtimestamp(latest_s, UTC).date(), told_by="file times")


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says, None where it fails or is not there."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=_GIT_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
