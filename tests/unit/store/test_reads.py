"""Reads on disk: added to, healed, refused where they are damaged."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.domain.reading import Blind, Reading, Reads, labels
from harness.errors import StoreError
from harness.store.reads import ReadsFile, read_reads, reads_path

BEGUN = Reads(gate_id="g-1", reviewer="Ada", blind=Blind.PAIRS, rubric="a" * 64)
YES = Reading(pair="task.sums.a", item_id="../../i1", candidate=True, baseline=False, note="ü", seconds=2.0)


def test_the_last_word_on_an_item_counts_and_its_time_adds_up(tmp_path: Path) -> None:
    file = ReadsFile(tmp_path, BEGUN)
    assert not list(tmp_path.iterdir())
    for reading in (YES, replace(YES, item_id="i2"), replace(YES, candidate=False, note="\ud800" * 3_000)):
        file.add(reading)
    last = replace(YES, candidate=False, note="\ufffd" * 2_000, seconds=4.0)
    whole = replace(BEGUN, readings=(last, replace(YES, item_id="i2")))
    assert file.reads == whole
    assert read_reads(tmp_path, "g-1") == (whole,)
    assert ReadsFile(tmp_path, BEGUN).reads == whole


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_kill_loses_the_line_being_written_and_nothing_else(cut: int, tmp_path: Path) -> None:
    file = ReadsFile(tmp_path, BEGUN)
    file.add(YES)
    file.add(replace(YES, item_id="i2"))
    path = reads_path(tmp_path, "Ada")
    path.write_bytes(path.read_bytes()[:-cut])
    assert [each.item_id for each in read_reads(tmp_path, "g-1")[0].readings] == [YES.item_id]
    ReadsFile(tmp_path, BEGUN).add(replace(YES, item_id="i3"))
    assert [each.item_id for each in read_reads(tmp_path, "g-1")[0].readings] == [YES.item_id, "i3"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[]\n", "is damaged"),
        (b"\xff\n", "is damaged"),
        (b'{"format_version":1,"gate_id":"g-1","reviewer":"A","blind":"pairs"}\n{"pair":1}\n', "is damaged"),
        (b'{"format_version":2,"gate_id":"g-1","reviewer":"A","blind":"pairs"}\n', "pip install -U"),
        (b'{"format_version":1,"gate_id":"g-2","reviewer":"A","blind":"pairs"}\n', "is about gate 'g-2'"),
    ],
)
def test_a_file_that_holds_no_reads_of_this_gate_is_refused(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "reads-a.jsonl").write_bytes(content)
    with pytest.raises(StoreError, match=sentence):
        read_reads(tmp_path, "g-1")


@given(some.text(), some.text())
def test_no_name_leads_out_of_the_folder_and_no_two_share_a_file(one: str, other: str) -> None:
    folder = Path("/gate")
    assert reads_path(folder, one).parent == folder
    assert reads_path(folder, one).name.isascii()
    assert (reads_path(folder, one) == reads_path(folder, other)) == (one == other)


@given(some.lists(some.booleans(), min_size=1, max_size=7))
def test_a_reply_is_accepted_by_more_than_half_of_its_readers(said: list[bool]) -> None:
    reads = [
        replace(BEGUN, reviewer=str(n), readings=(replace(YES, candidate=yes, baseline=None),))
        for n, yes in enumerate(said)
    ]
    (label,) = labels(reads).values()
    assert label.candidate is (sum(said) > len(said) / 2)
    assert label.baseline is None
