"""When schema and labels last changed, by git where it knows and else by the files."""

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from harness.experiments.label_change import last_label_change
from training.preflight.facts import LabelChange

_DAY_S = 86_400
_FILES_ON, _COMMITTED_ON = date(2026, 3, 2), date(2026, 1, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("schema.json", "items.jsonl", "gold.jsonl", "task.py"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
        _age(tmp_path / name)
    return tmp_path


def test_files_without_git_tell_by_their_times(folder: Path) -> None:
    assert last_label_change(folder) == LabelChange(on=_FILES_ON, told_by="file times")


def test_git_tells_by_the_last_commit_that_changed_them(folder: Path) -> None:
    _commit(folder, "2026-01-05T12:00:00+00:00")
    (folder / "task.py").write_text("x = 1", encoding="utf-8")
    _commit(folder, "2026-02-05T12:00:00+00:00")
    assert last_label_change(folder) == LabelChange(on=_COMMITTED_ON, told_by="git")


def test_a_change_that_is_not_committed_counts_on_its_day(folder: Path) -> None:
    _commit(folder, "2026-01-05T12:00:00+00:00")
    (folder / "items.jsonl").write_text("{} ", encoding="utf-8")
    _age(folder / "items.jsonl")
    assert last_label_change(folder) == LabelChange(on=_FILES_ON, told_by="file times")


def test_a_folder_without_labels_tells_nothing(tmp_path: Path) -> None:
    assert last_label_change(tmp_path) is None


def _age(path: Path) -> None:
    seconds = (_FILES_ON - date(1970, 1, 1)).days * _DAY_S + _DAY_S / 2
    os.utime(path, (seconds, seconds))


def _commit(folder: Path, when: str) -> None:
    known = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    people = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    settings = {**known, **people, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "labels"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=settings)  # noqa: S607
