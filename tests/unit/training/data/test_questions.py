"""Questions that somebody has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import InvalidDataset, Task
from training.data.questions import read_questions


def test_inputs_are_read_bare_or_under_their_name(a_task: Callable[..., Task], tmp_path: Path) -> None:
    (tmp_path / "q").write_text('{"a": 1, "b": 2}\n\n{"id": "x", "inputs": {"a": 3, "b": 4}}\n')
    assert read_questions(tmp_path / "q", a_task()) == ({"a": 1, "b": 2}, {"a": 3, "b": 4})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "holds no questions"),
        ("[]", "line 1 holds no inputs of sums"),
        ('{"a": 1, "b": 2}\n{"a": 1}', "line 2 holds no inputs of sums .KeyError: 'b'"),
    ],
)
def test_what_a_task_cannot_ask_is_refused(
    content: str, sentence: str, a_task: Callable[..., Task], tmp_path: Path
) -> None:
    (tmp_path / "q").write_text(content)
    with pytest.raises(InvalidDataset, match=sentence):
        read_questions(tmp_path / "q", a_task())
