"""Who judges the replies to a task, and by which rubric: judge.toml in the task's folder.

    judge = "https://judge.example/v1#large"   # named as --checkpoint is
    rubric = "rubric.md"                       # a text in the same folder
    key_variable = "JUDGE_KEY"                 # left out where no key is needed

It is no part of the task's digest: another judge asks the checkpoints nothing else.
"""

from dataclasses import dataclass
from pathlib import Path

from harness.config.toml_file import read_toml
from harness.errors import InvalidTask

JUDGE_FILE = "judge.toml"
_LONGEST = 50_000
_KEYS = ("judge", "rubric", "key_variable")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSpec:
    """A judge, the text it judges by, and the environment variable that holds its key, None for none."""

    judge: str
    rubric: str
    key_variable: str | None = None


def load_judge(folder: Path) -> JudgeSpec:
    """Return the judge of the task in `folder`; raise `InvalidTask` naming file, key and what is allowed."""
    path = folder / JUDGE_FILE
    fields = read_toml(path, noun='file with judge = "…" and rubric = "rubric.md"', error=InvalidTask)
    for key, value in fields.items():
        if key not in _KEYS:
            raise InvalidTask(f"{path}: unknown key {key!r}: use {', '.join(_KEYS)}")
        if not isinstance(value, str) or not value.strip():
            raise InvalidTask(f"{path}: {key} is {value!r}, but must be a text that is not empty")
    for key in _KEYS[:2]:
        if key not in fields:
            raise InvalidTask(f"{path} has no {key}: write one")
    return JudgeSpec(
        judge=fields["judge"].strip(),
        rubric=_rubric_beside(path, fields["rubric"]),
        key_variable=fields.get("key_variable"),
    )


def read_rubric(path: Path) -> str:
    """Return the rubric at `path`; raise `InvalidTask` for none, an empty or too long one, or no text."""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise InvalidTask(
            f"{path} could not be read ({error.strerror}): give the path of a rubric"
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidTask(f"{path} is not UTF-8 text ({error.reason}): save the rubric as text") from error
    if not text or len(text) > _LONGEST:
        raise InvalidTask(f"{path} has {len(text)} characters: write a rubric of 1 to {_LONGEST}")
    return text


def _rubric_beside(path: Path, name: str) -> str:
    rubric = (path.parent / name).resolve()
    if not rubric.is_relative_to(path.parent.resolve()):
        raise InvalidTask(f"{path}: rubric is {name!r}, but must lie in the task's folder: put it there")
    return read_rubric(rubric)
