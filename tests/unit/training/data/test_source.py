"""Examples from files, tables and saved data sets; nothing here asks the network."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import InvalidDataset
from training.data.source import data_file, read_source
from training.example import Example
from training.example_rows import write_examples

ROWS = [
    {"messages": [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": "a"}], "n": n}
    for n in range(3)
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a data set saved alone, one with two splits, and tables."""
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    folder = tmp_path_factory.mktemp("saved")
    whole = datasets.Dataset.from_list(ROWS)
    whole.save_to_disk(folder / "alone")
    datasets.DatasetDict({"train": whole, "validation": whole.select(range(1))}).save_to_disk(
        folder / "split"
    )
    whole.to_parquet(folder / "table.parquet")
    (folder / "table.json").write_text(json.dumps(ROWS))
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))


def test_a_file_of_lines_is_read(an_example: Callable[..., Example], tmp_path: Path) -> None:
    example = an_example()
    write_examples(tmp_path / "a.jsonl", [example])
    assert read_source(str(tmp_path / "a.jsonl")) == (example,)


@pytest.mark.parametrize("name", ["alone", "split", "split:train", "table.parquet", "table.json"])
def test_whatever_datasets_reads_is_read(name: str, saved: Path) -> None:
    assert [each.question for each in read_source(f"{saved}/{name}")] == ["q0", "q1", "q2"]


def test_another_split_is_named_after_a_colon(saved: Path) -> None:
    assert len(read_source(f"{saved}/split:validation")) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("split:test", r"has the splits train, validation and not test: name one, as in .*split:train"),
        ("", "could not be read as a data set"),
        ("missing.jsonl", "neither a file nor a folder"),
        ("missing", "neither a file nor a folder"),
    ],
)
def test_what_is_not_there_is_refused(name: str, expected: str, saved: Path) -> None:
    with pytest.raises(InvalidDataset, match=expected):
        read_source(f"{saved}/{name}")


def test_a_broken_table_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text("[{")
    with pytest.raises(InvalidDataset, match="could not be read as a data set") as caught:
        read_source(str(tmp_path / "t.json"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "word", "a/b/c", "./a/b", "owner/data.jsonl", "/a"])
def test_what_cannot_be_a_hub_id_is_never_asked_for(name: str) -> None:
    with pytest.raises(InvalidDataset, match="neither a file nor a folder"):
        read_source(name)


def test_a_source_is_recorded_by_path_digest_and_count(
    an_example: Callable[..., Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").touch()
    recorded = data_file("a.jsonl", (an_example(),))
    assert (recorded.path, recorded.examples) == (str(tmp_path / "a.jsonl"), 1)
    assert data_file("owner/name", (an_example(),)).path == "owner/name"
