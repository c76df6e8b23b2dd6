"""What a task's generator draws is held against the task before anyone trains on it."""

import json
from pathlib import Path

import pytest

from harness.config.task_draw import draw_solved
from harness.config.task_folder import load_task
from harness.errors import InvalidTask

TASK = """
from harness import Decoding, Score

SYSTEM = "Answer in JSON."
DECODING = Decoding(max_tokens=16)


def ask(inputs):
    return str(inputs["n"])


def score(item, reply):
    return Score(value=1.0)
"""
SIBLING = "BASE = 100\n"
DRAW = """
from .numbers_of import BASE


def draw(count, seed):
    for n in range(count):
        yield {"inputs": {"n": BASE + seed + n}, "output": str(n), "source": "counted"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "numbers"
    folder.mkdir()
    (folder / "task.py").write_text(TASK)
    (folder / "numbers_of.py").write_text(SIBLING)
    (folder / "generate.py").write_text(DRAW)
    (folder / "schema.json").write_text('{"type": "integer"}')
    (folder / "items.jsonl").write_text('{"id": "i1", "cluster": "c", "inputs": {"n": 1}}\n')
    (folder / "gold.jsonl").write_text('{"id": "g1", "inputs": {"n": 2}, "output": "2"}\n')
    return folder


def _yielding(folder: Path, *rows: object) -> None:
    (folder / "generate.py").write_text(f"def draw(count, seed):\n    yield from {list(rows)!r}\n")


def test_a_generator_may_use_its_siblings(folder: Path) -> None:
    rows = draw_solved(folder, load_task(folder), count=2, seed=5)
    assert rows is not None
    assert [(row.inputs, row.output, row.source) for row in rows] == [
        ({"n": 105}, "0", "counted"),
        ({"n": 106}, "1", "counted"),
    ]


@pytest.mark.parametrize("code", [None, "x = 1\n", "draw = 3\n"])
def test_a_folder_need_not_have_one(code: str | None, folder: Path) -> None:
    (folder / "generate.py").unlink()
    if code is not None:
        (folder / "generate.py").write_text(code)
    assert draw_solved(folder, load_task(folder), count=2, seed=5) is None


def test_no_more_are_taken_than_were_asked_for(folder: Path) -> None:
    _yielding(folder, *({"inputs": {"n": n}, "output": "1"} for n in range(10, 15)))
    rows = draw_solved(folder, load_task(folder), count=2, seed=5)
    assert rows is not None
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"inputs": {"n": 1}, "output": "1"}], "draw gives item i1 again as its row 1"),
        ([{"inputs": {"n": 2}, "output": "1"}], "draw gives gold example g1 again as its row 1"),
        ([{"inputs": {"n": 3}, "output": "1"}] * 2, "draw gives row 1 again as its row 2"),
        ([{"inputs": {"n": 3}, "output": "x"}], "row 1 of draw breaks schema.json not JSON at character 0"),
        ([{"inputs": {"n": 3}}], "raised ValidationError"),
        ([{"inputs": {"n": 3}, "output": "1", "answer": 1}], "unknown field `answer`"),
        ([3], "raised ValidationError"),
    ],
)
def test_what_must_not_be_trained_on_is_refused(rows: list[object], expected: str, folder: Path) -> None:
    _yielding(folder, *rows)
    with pytest.raises(InvalidTask) as caught:
        draw_solved(folder, load_task(folder), count=9, seed=5)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import nowhere_to_be_found\n", "raised ModuleNotFoundError on import"),
        ("def draw(count, seed):\n    raise ValueError('no luck')\n", "raised ValueError: no luck"),
    ],
)
def test_a_generator_that_raises_is_refused_by_name(code: str, expected: str, folder: Path) -> None:
    (folder / "generate.py").write_text(code)
    with pytest.raises(InvalidTask) as caught:
        draw_solved(folder, load_task(folder), count=9, seed=5)
    assert expected in str(caught.value)
    assert "generate.py" in str(caught.value)


def test_the_content_of_the_generator_is_part_of_the_task(folder: Path) -> None:
    before = load_task(folder).digest
    _yielding(folder, json.loads('{"inputs": {"n": 9}, "output": "1"}'))
    assert load_task(folder).digest != before
