"""The file that attempts are kept in."""

import json
from pathlib import Path

import pytest

from harness import InvalidDataset, Json
from training.data.attempts import Attempt, AttemptJournal, Spent

IDENTITY: dict[str, Json] = {"task": "sums", "seed": 0}
FULL = Attempt(
    number=3,
    made_on="2026-11-25",
    inputs={"text": "ü\x1b\u202e", "n": [1, None, {"x": 0.5}]},
    output="{}",
    check="critic",
    reason="no\nverdict",
    score=1.0,
    critic=7,
    critic_reason="fine",
    said="hm",
    persona=1,
    document="d",
    spent=Spent(prompt_tokens=1, completion_tokens=2, critic_prompt_tokens=3, critic_completion_tokens=4),
)


def test_attempts_outlive_the_process_and_a_torn_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.jsonl"
    with AttemptJournal(path, IDENTITY) as journal:
        journal.append(FULL)
        journal.append(Attempt(number=0, made_on="2026-11-25"))
    with path.open("ab") as file:
        file.write(b'{"number": 9, "made')
    with AttemptJournal(path, IDENTITY) as journal:
        assert journal.attempts == {3: FULL, 0: Attempt(number=0, made_on="2026-11-25")}
        journal.append(Attempt(number=1, made_on="2026-11-25"))
        journal.sync()
    with AttemptJournal(path, IDENTITY) as journal:
        assert set(journal.attempts) == {0, 1, 3}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[]\n", "is damaged"),
        (b"{\n", "is damaged"),
        (b'{"task": "sums", "seed": 0}\n{}\n', "is damaged"),
        (b'{"task": "sums", "seed": 1}\n', "was begun with seed 1, and this is 0"),
        (b'{"task": "sums", "seed": 0, "old": 1}\n', "was begun with old 1, and this is None"),
    ],
)
def test_a_file_that_cannot_be_gone_on_with_is_refused_and_left_as_it_was(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(InvalidDataset, match=sentence):
        AttemptJournal(path, IDENTITY)
    assert path.read_bytes() == content


def test_a_file_torn_in_its_first_line_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"task"')
    with AttemptJournal(path, IDENTITY) as journal:
        assert journal.attempts == {}
    assert json.loads(path.read_text()) == IDENTITY


def test_two_processes_never_write_the_same_file(tmp_path: Path) -> None:
    with (
        AttemptJournal(tmp_path / "a.jsonl", IDENTITY),
        pytest.raises(InvalidDataset, match="another process is writing"),
    ):
        AttemptJournal(tmp_path / "a.jsonl", IDENTITY)
    with AttemptJournal(tmp_path / "a.jsonl", IDENTITY) as journal:
        assert journal.attempts == {}
