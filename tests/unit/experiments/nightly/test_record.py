"""A night on disk comes back as it was, and what cannot be read is a sentence."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.nightly import NightHole, NightPart, Notice
from harness.errors import StoreError
from harness.experiments.nightly.record import nights_in, read_night, write_night
from tests.fakes.nights import a_change, a_night, a_reading, a_row

HOLE = NightHole(
    part=NightPart.RELEASE, checkpoint="r", subject="s", arm="", reason="it is\nnot \x1b[31mthere"
)
FULL = a_night(
    rows=(a_row(changes=(a_change(), a_change(delta=None, interval=None))), a_row(interval=None)),
    holes=(HOLE,),
    readings=(a_reading(),),
    notices=(Notice(about="due", text="has passed"),),
    asked=("g-1",),
)


def test_a_night_comes_back_as_it_was(tmp_path: Path) -> None:
    write_night(FULL, tmp_path / "deep" / "n")
    assert read_night(tmp_path / "deep" / "n") == FULL


def test_half_a_surrogate_pair_in_a_name_spoils_no_record(tmp_path: Path) -> None:
    write_night(replace(FULL, owner="A\ud800"), tmp_path)
    assert read_night(tmp_path).owner == "A\ufffd"


def test_a_night_of_a_newer_program_is_refused_with_the_command_to_upgrade(tmp_path: Path) -> None:
    write_night(FULL, tmp_path)
    path = tmp_path / "night.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": 99}))
    with pytest.raises(StoreError, match="format version 99 and this program reads 1: run `pip install -U"):
        read_night(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format_version": 1}', '{"format_version": 1, "rows": 3}']
)
def test_a_damaged_night_is_named_and_what_to_do_with_it(content: str, tmp_path: Path) -> None:
    (tmp_path / "night.json").write_text(content)
    with pytest.raises(StoreError, match=r"night\.json could not be read .*: restore it, or move its folder"):
        read_night(tmp_path)


def test_nights_stand_in_the_order_in_which_they_were_begun(tmp_path: Path) -> None:
    days = ("2027-01-12", "2027-01-03", "2027-01-30")
    for day in days:
        write_night(a_night(night_id=f"{day}-1", begun_at=f"{day}T02:00:00+00:00"), tmp_path / f"{day}-1")
    assert [night.night_id[:10] for night in nights_in(tmp_path)] == sorted(days)


def test_a_night_speaks_of_every_gate_it_used() -> None:
    assert FULL.gate_ids == {"tonight-1", "g-1", "anchor-1"}
