"""Documents and lists of texts as people keep them."""

from pathlib import Path

import pytest

from harness import InvalidDataset
from training.data.documents import Document, read_documents, read_lines


def test_json_lines_and_paragraphs_are_read(tmp_path: Path) -> None:
    rows, plain = tmp_path / "d.jsonl", tmp_path / "d.txt"
    rows.write_text('{"id": "a", "text": "One.", "url": "x"}\n\n{"id": "b", "text": "Two."}\n')
    plain.write_bytes(b"One.\r\nstill one\r\n\r\n\r\n\r\nTwo.\n")
    assert read_documents(rows) == (Document(id="a", text="One."), Document(id="b", text="Two."))
    assert read_documents(plain) == (
        Document(id="p1", text="One.\nstill one"),
        Document(id="p2", text="Two."),
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "could not be read"),
        (b"", "holds no documents"),
        (b'{"id": "a"}', "line 1 is no document"),
        (b'{"id": "a", "text": "x"}\n[]', "line 2 is no document"),
        (b"\xff", "line 1 is no document"),
        (b'{"id": "a", "text": " "}', "has an empty id or text"),
        (b'{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "stands there a second time"),
    ],
)
def test_a_file_that_holds_no_documents_is_refused(
    content: bytes | None, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "d.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidDataset, match=sentence):
        read_documents(path)


def test_texts_are_read_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("a nurse\n\n a pilot \n")
    (tmp_path / "p.jsonl").write_text('{"persona": "a nurse"}\n{"persona": "a pilot"}\n')
    assert read_lines(tmp_path / "p.txt") == read_lines(tmp_path / "p.jsonl") == ("a nurse", "a pilot")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("p.txt", b"\n", "is empty"),
        ("p.txt", b"\xff", "could not be read"),
        ("p.jsonl", b"[]", "entry 1 is no"),
    ],
)
def test_a_file_without_texts_is_refused(name: str, content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidDataset, match=sentence):
        read_lines(tmp_path / name)
