"""A review from data to file, whoever shows the cards."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InvalidDataset, UsageError
from harness.experiments.data_files import Room
from harness.experiments.request import Places
from harness.experiments.review_data import ReviewRequest, ledger_path, review_data
from reports.review.desk import Desk, Opinion
from training.data.review import read_review, require_reviewed


@pytest.fixture
def request_for(tmp_path: Path) -> ReviewRequest:
    data = tmp_path / "data.jsonl"
    turns = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    data.write_text("".join(json.dumps({"id": f"e{n}", "messages": turns}) + "\n" for n in range(8)))
    return ReviewRequest(source=str(data), out=tmp_path / "review.json", reviewer="Ada", count=50, seed=0)


class Quiet:
    """Shows nothing."""

    def say(self, stage: str) -> None: ...

    def count(self, done: int, total: int) -> None: ...

    def end(self) -> None: ...


def room(request: ReviewRequest) -> Room:
    folder = request.out.parent
    return Room(places=Places(results=folder, cache=folder, tasks=folder), task=None, tally=Quiet())


def accept(desk: Desk, most: int = 99) -> bool:
    left = [card for card in desk.cards if card.id not in desk.opinions]
    for card in left[:most]:
        desk.mark(card.id, Opinion(choice="accept"))
    return len(left) <= most


def test_a_review_that_was_stopped_goes_on_and_is_good_for_training(request_for: ReviewRequest) -> None:
    assert review_data(request_for, room(request_for), lambda desk: accept(desk, 3)) is None
    assert not request_for.out.exists()
    assert ledger_path(request_for.out).read_bytes().count(b"\n") == 4
    review = review_data(request_for, room(request_for), accept)
    assert review is not None
    assert read_review(request_for.out) == review
    assert not ledger_path(request_for.out).exists()
    assert require_reviewed(review.sampling.data_digest, review, None) is None


def test_a_finished_review_is_never_overwritten(request_for: ReviewRequest) -> None:
    request_for.out.write_text("mine")
    with pytest.raises(InvalidDataset, match="exists already"):
        review_data(request_for, room(request_for), accept)
    assert request_for.out.read_text() == "mine"


def test_a_review_has_a_reader(request_for: ReviewRequest) -> None:
    with pytest.raises(UsageError, match="without a reader"):
        review_data(replace(request_for, reviewer=" "), room(request_for), accept)
