"""A step leaves its file, what it set aside and its manifest, or nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import InvalidDataset
from training.data.manifest import DataFile, manifest_path, read_manifest, write_manifest
from training.data.step import Aside, Step, as_row, aside_path, leave, require_apart
from training.example import Example
from training.example_rows import examples_digest, read_examples


def _step(*examples: Example, asides: tuple[Aside, ...] = (), inputs: tuple[DataFile, ...] = ()) -> Step:
    return Step(
        name="dedup", inputs=inputs, examples=examples, settings={"a": 1}, counts={"kept": 1}, asides=asides
    )


def test_the_file_its_asides_and_its_manifest_are_left(
    an_example: Callable[..., Example], tmp_path: Path
) -> None:
    out, example = tmp_path / "new" / "out.jsonl", an_example()
    leave(out, _step(example, asides=(Aside(kind="groups", rows=[{"kept": "e1"}]),)))
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "out.groups.jsonl",
        "out.jsonl",
        "out.jsonl.manifest.json",
    ]
    assert read_examples(out) == (example,)
    assert json.loads(aside_path(out, "groups").read_text()) == {"kept": "e1"}
    manifest = read_manifest(out)
    assert manifest is not None
    assert manifest.output == DataFile(path=str(out), digest=examples_digest([example]), examples=1)


def test_a_step_that_leaves_nothing_writes_nothing(tmp_path: Path) -> None:
    read = DataFile(path="x.jsonl", digest="d", examples=3)
    with pytest.raises(InvalidDataset, match="dedup leaves no example of 3: nothing was written"):
        leave(tmp_path / "out.jsonl", _step(inputs=(read,)))
    assert list(tmp_path.iterdir()) == []


def test_what_is_read_is_never_written_over(
    an_example: Callable[..., Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read = DataFile(path=str(tmp_path / "in.jsonl"), digest="d", examples=3)
    with pytest.raises(InvalidDataset, match=r"in\.jsonl is what is read"):
        leave(Path("in.jsonl"), _step(an_example(), inputs=(read,)))
    require_apart(Path("out.jsonl"), [read])


def test_an_old_manifest_does_not_outlive_a_write_that_fails(
    an_example: Callable[..., Example], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    write_manifest(out, leave(tmp_path / "other.jsonl", _step(an_example())))
    out.mkdir()
    with pytest.raises(OSError, match="out"):
        leave(out, _step(an_example()))
    assert not manifest_path(out).exists()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".draft")]


def test_a_row_is_the_line_as_an_object(an_example: Callable[..., Example]) -> None:
    row = as_row(an_example("hi", tags=("x",)))
    assert (row["id"], row["tags"]) == ("e1", ["x"])
