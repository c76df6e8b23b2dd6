"""Rendered rows: what TRL takes, written whole, read back the same."""

import json
from pathlib import Path

import pytest

from harness import InvalidDataset, Message, Role
from training.rows import Row, as_line, read_rows, write_rows

PROMPT = (Message(role=Role.SYSTEM, content="Add."), Message(role=Role.USER, content="1 + 1, héllo?"))


def test_a_row_is_prompt_and_completion_as_chats() -> None:
    row = Row(id="a", arm="zero-shot", prompt=PROMPT, replies={"completion": "2"})
    assert json.loads(as_line(row)) == {
        "id": "a",
        "arm": "zero-shot",
        "prompt": [{"role": "system", "content": "Add."}, {"role": "user", "content": "1 + 1, héllo?"}],
        "completion": [{"role": "assistant", "content": "2"}],
    }


def test_rows_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    rows = (
        Row(id="a", arm="zero-shot", prompt=PROMPT, replies={"completion": "2\u2028\n"}),
        Row(id="b", arm="rag-3", prompt=PROMPT, replies={"chosen": "2", "rejected": "3"}),
    )
    write_rows(tmp_path / "rows.jsonl", rows)
    assert read_rows(tmp_path / "rows.jsonl") == rows
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize("content", ["{", "[]", '{"id": "a", "arm": "x", "prompt": 3}', '{"id": "a"}'])
def test_damaged_rows_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "rows.jsonl").write_text(content)
    with pytest.raises(InvalidDataset, match="cannot be read"):
        read_rows(tmp_path / "rows.jsonl")
