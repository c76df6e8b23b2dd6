"""A nightly file: what it may say, and one sentence for what it may not."""

from pathlib import Path
from typing import Any

import pytest

from harness.errors import InvalidNightly
from harness.experiments.nightly.definition import load_nightly, parse_nightly

WHOLE: dict[str, Any] = {
    "owner": "Ada",
    "due": "2027-01-31",
    "checkpoints": ["a", "b"],
    "tasks": ["fractions"],
    "release": "r",
    "anchor": {"checkpoint": "frozen", "digest": "0123456789ab"},
}


def test_members_are_the_release_what_is_weighed_and_last_the_anchor() -> None:
    table = parse_nightly(WHOLE, where="x")
    assert table.members == ("r", "a", "b", "frozen")
    assert (table.arms, table.max_age_days, table.keep_days) == (("zero-shot",), 7, None)


def test_a_release_that_is_its_own_anchor_is_asked_once() -> None:
    assert parse_nightly({**WHOLE, "release": "frozen"}, where="x").members == ("a", "b", "frozen")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"checkpoint": ["a"]}, "unknown key 'checkpoint': did you mean checkpoints?"),
        ({"zzz": 1}, "unknown key 'zzz': use one of owner, due,"),
        ({"anchor": {"checkpoint": "x", "digset": "y"}}, "unknown key 'anchor.digset': did you mean digest?"),
        ({"checkpoints": []}, "checkpoints is empty, so there is nothing to measure: name at least one"),
        ({"tasks": []}, "tasks is empty, so there is nothing to measure"),
        ({"arms": []}, "arms is empty, so there is nothing to measure"),
        ({"checkpoints": ["a", "a"]}, "checkpoints names 'a' twice: name each once"),
        ({"release": "a"}, "'a' is release and one of checkpoints, and would be held against itself"),
        ({"anchor": {"checkpoint": "b"}}, "'b' is anchor.checkpoint and one of checkpoints"),
        ({"anchor": {"checkpoint": "x", "digest": "nope"}}, "anchor.digest is 'nope': "),
        ({"suites": ["latency"]}, "waiting times of two nights cannot be compared: leave it out"),
        ({"suites": ["speed"]}, "suites.0 is 'speed': input should be 'target-metric', "),
        ({"due": "soon"}, "due is 'soon': "),
        ({"owner": " "}, "owner is ' ': "),
        ({"max_age_days": 0}, "max_age_days is 0: input should be greater than or equal to 1"),
        ({"disk_budget_gb": "20"}, "disk_budget_gb is '20': input should be a valid number"),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_it(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidNightly) as refused:
        parse_nightly({**WHOLE, **given}, where="nightly.toml")
    assert str(refused.value).startswith("nightly.toml: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", ["owner", "due", "checkpoints", "tasks", "release"])
def test_what_is_missing_is_told_with_what_to_write(key: str) -> None:
    fields = {name: value for name, value in WHOLE.items() if name != key}
    with pytest.raises(InvalidNightly, match=f"{key} is missing: write {key} = "):
        parse_nightly(fields, where="x")


def test_days_are_written_as_toml_has_them(tmp_path: Path) -> None:
    path = tmp_path / "n.toml"
    path.write_text('owner="A"\ndue=2027-01-31\ncheckpoints=["a"]\ntasks=["t"]\nrelease="r"\n')
    assert load_nightly(path).due.isoformat() == "2027-01-31"


def test_a_file_that_is_not_there_or_no_toml_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidNightly, match="give the path of a TOML nightly file"):
        load_nightly(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("owner = ")
    with pytest.raises(InvalidNightly, match="is not TOML"):
        load_nightly(tmp_path / "bad.toml")
