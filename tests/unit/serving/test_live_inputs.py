import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import InvalidDataset, Task
from serving.live_inputs import read_live_inputs

_CHAT = [{"role": "system", "content": "s"}, {"role": "user", "content": "first"}]


def written(folder: Path, *rows: object) -> Path:
    path = folder / "live.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("as it is", "as it is"),
        ({"messages": [*_CHAT, {"role": "user", "content": "last"}], "model": "m"}, "last"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"text": "b"}]}]}, "a\nb"),
        ({"prompt": "completed"}, "completed"),
        ({"prompt": _CHAT}, "first"),
        ({"inputs": {"a": 1, "b": 2}}, "1 + 2 = ?"),
        ({"question": "why?", "answer": "so"}, "why?"),
        ({"custom_id": "7", "body": {"messages": _CHAT}}, "first"),
        ({"at": 1.5, "request": {"prompt": "wrapped"}, "response": {"text": "never this"}}, "wrapped"),
        ("\ud800", "?"),
    ],
)
def test_every_shape_that_logs_keep_requests_in_is_read(
    row: object, text: str, tmp_path: Path, a_task: Callable[..., Task]
) -> None:
    task = a_task()
    worded = task.ask({"a": 1, "b": 2}) if isinstance(row, dict) and "inputs" in row else text
    assert read_live_inputs(written(tmp_path, row), task=task) == (worded,)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"answer": "no question"},
        [],
        7,
        {"messages": []},
        {"messages": [{"role": "user"}]},
        {"body": None},
    ],
)
def test_a_row_without_an_input_is_named_by_its_line(row: object, tmp_path: Path) -> None:
    with pytest.raises(InvalidDataset, match="line 2 holds no input: write"):
        read_live_inputs(written(tmp_path, "fine", row))


@pytest.mark.parametrize("line", ["{", "\x00", "[" * 100_000])
def test_a_line_that_is_no_json_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    path.write_text(line)
    with pytest.raises(InvalidDataset, match="line 1 is no JSON"):
        read_live_inputs(path)


def test_inputs_need_a_task_that_words_them(tmp_path: Path, a_task: Callable[..., Task]) -> None:
    path = written(tmp_path, {"inputs": {"x": 1}})
    with pytest.raises(InvalidDataset, match="--task"):
        read_live_inputs(path)
    with pytest.raises(InvalidDataset, match=r"ask\(\) of task sums raised KeyError"):
        read_live_inputs(path, task=a_task())


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_inputs_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidDataset, match="holds no inputs"):
        read_live_inputs(path)
    with pytest.raises(InvalidDataset, match="could not be read"):
        read_live_inputs(tmp_path / "none.jsonl")
