"""What a review says, and when it is enough to train on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import InvalidDataset
from training.data.review import Mark, Review, Sampling, read_review, require_reviewed, write_review
from training.data.review_ledger import ReviewLedger

SAMPLING = Sampling(data="train.jsonl", data_digest="a" * 64, examples=300, count=50, seed=0)


def reviewed(accepted: int, of: int = 50, examples: int = 300) -> Review:
    return Review(
        sampling=replace(SAMPLING, examples=examples, count=of),
        reviewer="Ada",
        began_at="2026-11-25T10:00:00+00:00",
        ended_at="2026-11-25T10:30:00+00:00",
        marks=tuple(Mark(example_id=f"e{n}", accepted=n < accepted, note="ü\u202e") for n in range(of)),
    )


def ledger(path: Path, sampling: Sampling = SAMPLING, reviewer: str = "Ada") -> ReviewLedger:
    return ReviewLedger(path, sampling, reviewer, lambda: "2026-11-25T10:00:00+00:00")


def test_a_review_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write_review(tmp_path / "r.json", reviewed(48))
    assert read_review(tmp_path / "r.json") == reviewed(48)
    assert json.loads((tmp_path / "r.json").read_text())["accepted_share"] == 0.96


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "could not be read"),
        (b"[]", "is no review"),
        (b"{}", "is no review"),
        (b"\xff", "is no review"),
        (b'{"sampling": 3}', "is no review"),
    ],
)
def test_a_file_that_is_no_review_is_refused(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(InvalidDataset, match=sentence):
        read_review(tmp_path / "r.json")


def test_a_review_that_counts_an_example_twice_is_refused(tmp_path: Path) -> None:
    good = reviewed(50)
    write_review(tmp_path / "r.json", replace(good, marks=(*good.marks, good.marks[0])))
    with pytest.raises(InvalidDataset, match="marks an example twice"):
        read_review(tmp_path / "r.json")


@pytest.mark.parametrize(
    ("review", "sentence"),
    [
        (None, "nobody has reviewed the training data"),
        (reviewed(47), "Ada accepted 47 of 50 examples, and 95% are needed"),
        (reviewed(49, of=49), "Ada read 49 examples of the training data, and 50 are needed"),
        (reviewed(0, of=0), "Ada read 0 examples"),
        (replace(reviewed(50), sampling=replace(SAMPLING, data_digest="b" * 64)), "is of other data"),
    ],
)
def test_data_that_was_not_accepted_is_refused_unless_somebody_takes_it_by_name(
    review: Review | None, sentence: str
) -> None:
    with pytest.raises(InvalidDataset, match=sentence):
        require_reviewed("a" * 64, review, None)
    with pytest.raises(InvalidDataset, match=sentence):
        require_reviewed("a" * 64, review, "  ")
    recorded = require_reviewed("a" * 64, review, "Grace")
    assert recorded is not None
    assert recorded.startswith("Grace accepted training although ")


@pytest.mark.parametrize("review", [reviewed(48), reviewed(50), reviewed(9, of=9, examples=9)])
def test_a_good_review_needs_no_name(review: Review) -> None:
    assert require_reviewed("a" * 64, review, None) is None


def test_marks_outlive_the_process_and_the_last_of_an_example_counts(tmp_path: Path) -> None:
    first = ledger(tmp_path / "marks")
    first.mark("e1", accepted=False, note=" too long ")
    first.mark("e2", accepted=True, note="half \ud800 a pair")
    first.mark("e1", accepted=True, note="")
    with (tmp_path / "marks").open("ab") as file:
        file.write(b'{"example_id": "e3", "acc')
    again = ledger(tmp_path / "marks", replace(SAMPLING, data="moved.jsonl"))
    assert {name: mark.accepted for name, mark in again.marks.items()} == {"e1": True, "e2": True}
    again.mark("e3", accepted=False, note="")
    review = ledger(tmp_path / "marks").review(("e1", "e2", "e3"))
    assert review.accepted == 2
    write_review(tmp_path / "r.json", review)
    assert read_review(tmp_path / "r.json") == review


def test_a_review_is_not_finished_before_all_is_marked(tmp_path: Path) -> None:
    begun = ledger(tmp_path / "marks")
    begun.mark("e1", accepted=True, note="")
    with pytest.raises(InvalidDataset, match="1 of 2 examples are not marked yet, first 'e2'"):
        begun.review(("e1", "e2"))


@pytest.mark.parametrize(
    ("sampling", "reviewer"),
    [
        (replace(SAMPLING, data_digest="b" * 64), "Ada"),
        (replace(SAMPLING, seed=1), "Ada"),
        (replace(SAMPLING, count=9), "Ada"),
        (SAMPLING, "Grace"),
    ],
)
def test_marks_of_another_review_are_never_gone_on_with(
    sampling: Sampling, reviewer: str, tmp_path: Path
) -> None:
    ledger(tmp_path / "marks").mark("e1", accepted=True, note="")
    with pytest.raises(InvalidDataset, match="which is another one"):
        ledger(tmp_path / "marks", sampling, reviewer)


def test_a_damaged_ledger_is_refused_and_one_torn_in_its_first_line_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "marks").write_bytes(b"{}\n{}\n")
    with pytest.raises(InvalidDataset, match="is damaged"):
        ledger(tmp_path / "marks")
    (tmp_path / "marks").write_bytes(b'{"sampling"')
    assert ledger(tmp_path / "marks").marks == {}
