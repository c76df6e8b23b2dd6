"""Pairs of replies, read from JSON lines."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import InvalidDataset, Role
from harness.domain.task import Task
from training.preference import preferences_digest, read_preferences


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_a_task_words_the_prompt_of_inputs(tmp_path: Path, a_task: Callable[..., Task]) -> None:
    path = written(tmp_path, '{"id": "a", "inputs": {"a": 1, "b": 2}, "chosen": "3", "rejected": "4"}', "")
    (pair,) = read_preferences(path, task=a_task())
    assert (pair.id, pair.question, pair.chosen, pair.rejected) == ("a", "What is 1 + 2?", "3", "4")
    assert pair.prompt[0].role is Role.SYSTEM


def test_a_prompt_is_taken_as_it_stands_and_named_for_its_content(tmp_path: Path) -> None:
    line = '{"prompt": [{"role": "user", "content": "hi"}], "chosen": "hello", "rejected": "no"}'
    (pair,) = read_preferences(written(tmp_path, line))
    (again,) = read_preferences(written(tmp_path, line))
    assert (pair.question, pair.inputs, len(pair.id)) == ("hi", None, 16)
    assert preferences_digest([pair]) == preferences_digest([again])


USER = '[{"role": "user", "content": "hi"}]'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1 is no preference"),
        ('{"prompt": ' + USER + ', "chosen": "a"}', "missing required field `rejected`"),
        ('{"prompt": ' + USER + ', "chosen": "a", "rejected": "a"}', "there is nothing to prefer"),
        ('{"prompt": ' + USER + ', "chosen": "a", "rejected": " "}', "there is nothing to prefer"),
        ('{"chosen": "a", "rejected": "b"}', "line 1 is no preference"),
        ('{"inputs": {}, "chosen": "a", "rejected": "b"}', "a task must word"),
        (
            '{"prompt": [{"role": "assistant", "content": "x"}], "chosen": "a", "rejected": "b"}',
            r"roles are out of order \(assistant\)",
        ),
        ('{"prompt": [], "chosen": "a", "rejected": "b"}', r"roles are out of order \(none\)"),
    ],
)
def test_a_malformed_pair_is_named_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InvalidDataset, match=said):
        read_preferences(written(tmp_path, line))


def test_no_pairs_a_name_twice_and_no_file_are_refused(tmp_path: Path, a_task: Callable[..., Task]) -> None:
    with pytest.raises(InvalidDataset, match="holds no preferences"):
        read_preferences(written(tmp_path, ""))
    line = '{"id": "a", "inputs": {"a": 1, "b": 2}, "chosen": "3", "rejected": "4"}'
    with pytest.raises(InvalidDataset, match="line 2: id 'a' stands there a second time"):
        read_preferences(written(tmp_path, line, line), task=a_task())
    with pytest.raises(InvalidDataset, match="could not be read"):
        read_preferences(tmp_path / "none.jsonl")


def test_inputs_that_the_task_cannot_word_are_named(tmp_path: Path, a_task: Callable[..., Task]) -> None:
    path = written(tmp_path, '{"inputs": {"x": 1}, "chosen": "3", "rejected": "4"}')
    with pytest.raises(InvalidDataset, match=r"line 1: ask\(\) of task sums raised KeyError"):
        read_preferences(path, task=a_task())
