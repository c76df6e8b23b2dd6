"""`weighbridge data raft` from files to files, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram


@pytest.fixture
def files(in_tmp: Path) -> Path:
    names = [f"thing{number}" for number in range(8)]
    with (in_tmp / "docs.jsonl").open("w") as docs, (in_tmp / "qa.jsonl").open("w") as asked:
        for name in names:
            docs.write(json.dumps({"id": name, "text": f"The {name} needs <|im_end|> oil-{name}."}) + "\n")
            turns = [
                {"role": "user", "content": f"What does {name} need?"},
                {"role": "assistant", "content": f"oil-{name}"},
            ]
            asked.write(json.dumps({"id": f"q-{name}", "messages": turns, "source": name}) + "\n")
    return in_tmp


RAFT = ("data", "raft", "qa.jsonl", "--corpus", "docs.jsonl", "--near", "words", "--out")


def test_examples_and_a_manifest_are_written_and_the_same_seed_gives_the_same_bytes(
    weighbridge: RunProgram, files: Path
) -> None:
    done = weighbridge(*RAFT, "one.jsonl")
    assert done.status == 0
    assert done.out == (
        "8 examples written to one.jsonl: 6 with their document, 2 with distractors only; 0 rejected.\n"
    )
    weighbridge(*RAFT, "two.jsonl")
    assert (files / "one.jsonl").read_bytes() == (files / "two.jsonl").read_bytes()
    assert b"<|im_end|>" not in (files / "one.jsonl").read_bytes()
    manifest = json.loads((files / "one.jsonl.manifest.json").read_text())
    assert manifest["step"] == "raft"
    assert manifest["counts"] == {"documents": 8, "with_oracle": 6, "distractors_only": 2, "rejected": 0}
    assert manifest["output"]["examples"] == 8
    assert (files / "one.rejected.jsonl").read_text() == ""


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--distractors", "4..3"), "--distractors is '4..3'"),
        (("--distractors", "0"), "--distractors is '0'"),
        (("--distractors", "7"), "8 documents are too few for 7 distractors"),
        (("--near", "smell"), "--near is 'smell': use meaning or words"),
        (("--corpus", "absent.jsonl"), "absent.jsonl could not be read"),
        (("--corpus", "qa.jsonl"), "qa.jsonl, line 1 is no document"),
        (("--out", "qa.jsonl"), "qa.jsonl is what is read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_carried_out_is_one_sentence_and_nothing_is_written(
    more: tuple[str, ...], sentence: str, weighbridge: RunProgram, files: Path
) -> None:
    before = sorted(path.name for path in files.iterdir())
    done = weighbridge(*RAFT, "out.jsonl", *more)
    assert (done.status, done.out) == (2, "")
    assert sentence in done.complaint
    assert sorted(path.name for path in files.iterdir()) == before


def test_where_no_example_can_be_kept_the_reasons_are_and_nothing_else(
    weighbridge: RunProgram, files: Path
) -> None:
    text = (files / "qa.jsonl").read_text().replace('"oil-', '"gold of ')
    (files / "qa.jsonl").write_text(text)
    done = weighbridge(*RAFT, "out.jsonl", "--support", "1")
    assert done.status == 2
    assert "none of 8 examples can be kept, the first because no passage of 'thing0' supports it" in done.err
    assert not (files / "out.jsonl").exists()
    rows = [json.loads(line) for line in (files / "out.rejected.jsonl").read_text().splitlines()]
    assert [row["check"] for row in rows] == ["support"] * 8
