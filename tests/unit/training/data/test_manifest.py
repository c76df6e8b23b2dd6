"""Manifests are read back as they were written, and lead from a file to what it was made of."""

import json
from pathlib import Path

import pytest

from harness import InvalidDataset
from training.data.manifest import (
    DataFile,
    DataManifest,
    lineage,
    manifest_path,
    read_manifest,
    write_manifest,
)


def _file(path: Path, digest: str) -> DataFile:
    return DataFile(path=str(path), digest=digest, examples=3)


def _manifest(step: str, output: DataFile, *inputs: DataFile) -> DataManifest:
    return DataManifest(
        step=step,
        made_at="2026-11-25T09:00:00+00:00",
        inputs=inputs,
        output=output,
        settings={"task": None, "ways": ["exact"], "probes": {"piqa": "ab"}},
        counts={"kept": 3},
    )


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    manifest = _manifest("dedup", _file(out, "d1"), _file(tmp_path / "raw.jsonl", "d0"))
    write_manifest(out, manifest)
    assert read_manifest(out) == manifest
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl.manifest.json"]


def test_there_is_none_where_nothing_was_written(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "a.jsonl") is None
    assert lineage(tmp_path / "a.jsonl") == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"format_version": 1, "step": 3}', "cannot be read"),
        ('{"format_version": 2}', "has format 2, this program reads 1: upgrade"),
    ],
)
def test_a_manifest_that_is_none_is_refused(content: str, expected: str, tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    manifest_path(out).write_text(content)
    with pytest.raises(InvalidDataset, match=expected):
        read_manifest(out)


def test_the_format_is_numbered(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    write_manifest(out, _manifest("draw", _file(out, "d1")))
    assert json.loads(manifest_path(out).read_text())["format_version"] == 1


def test_steps_are_followed_to_the_first_each_once(tmp_path: Path) -> None:
    raw, left, right, whole = (_file(tmp_path / f"{name}.jsonl", name) for name in ("raw", "l", "r", "w"))
    steps = [
        _manifest("draw", raw),
        _manifest("dedup", left, raw),
        _manifest("audit", right, raw),
        _manifest("mix", whole, left, right),
    ]
    for step in steps:
        write_manifest(Path(step.output.path), step)
    assert [step.step for step in lineage(Path(whole.path))] == ["draw", "dedup", "audit", "mix"]


def test_a_step_whose_input_has_changed_since_ends_the_line(tmp_path: Path) -> None:
    raw, out = _file(tmp_path / "raw.jsonl", "old"), _file(tmp_path / "out.jsonl", "d")
    write_manifest(Path(out.path), _manifest("dedup", out, raw))
    write_manifest(Path(raw.path), _manifest("draw", _file(Path(raw.path), "new")))
    assert [step.step for step in lineage(Path(out.path))] == ["dedup"]
