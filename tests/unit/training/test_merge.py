"""When merging is needed, done, and refused."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import Checkpoint, Endpoint, Precision, UnknownCheckpoint
from training.certificate import Certificate, write_certificate
from training.merge import MergeBase, merged_checkpoint, settled


def _checkpoint(tmp_path: Path, *, adapter: bool) -> Checkpoint:
    return Checkpoint(
        label="tuned",
        digest="d" * 64,
        weights=tmp_path / "base",
        adapter=tmp_path / "adapter" if adapter else None,
        precision=Precision.FLOAT16,
    )


def test_without_an_adapter_the_weights_are_merged_already(tmp_path: Path) -> None:
    said: list[str] = []
    checkpoint = _checkpoint(tmp_path, adapter=False)
    assert merged_checkpoint(checkpoint, cache=tmp_path, say=said.append) is checkpoint
    assert said == []


def test_an_endpoint_has_nothing_to_merge(tmp_path: Path) -> None:
    checkpoint = Checkpoint(label="x", digest="0", endpoint=Endpoint(url="http://h/v1", model="m"))
    with pytest.raises(UnknownCheckpoint, match="is an endpoint and has no weights to merge"):
        merged_checkpoint(checkpoint, cache=tmp_path, say=print)


def test_a_merge_is_made_once_in_the_precision_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    said: list[str] = []

    def run(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        commands.append(command)
        Path(command[-3]).mkdir()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    checkpoint = _checkpoint(tmp_path, adapter=True)
    first = merged_checkpoint(checkpoint, cache=tmp_path, say=said.append)
    assert merged_checkpoint(checkpoint, cache=tmp_path, say=said.append) == first
    assert (first.weights, first.adapter) == (tmp_path / "merged" / checkpoint.digest, None)
    assert first.digest == checkpoint.digest
    assert [command[-2:] for command in commands] == [["float16", "full"]]
    assert len(said) == 1


def test_what_is_merged_into_the_two_bases_never_passes_for_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        Path(command[-3]).mkdir()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    checkpoint = _checkpoint(tmp_path, adapter=True)
    full, dequantised = (
        merged_checkpoint(checkpoint, cache=tmp_path, say=print, into=into)
        for into in (MergeBase.FULL, MergeBase.DEQUANTISED)
    )
    assert full.weights != dequantised.weights
    assert full.digest != dequantised.digest


@pytest.mark.parametrize(
    ("quantization", "expected"),
    [("nf4", MergeBase.DEQUANTISED), ("none", MergeBase.FULL), (None, MergeBase.FULL)],
)
def test_the_certificate_says_what_an_adapter_was_trained_on(
    tmp_path: Path, a_certificate: Callable[..., Certificate], quantization: str | None, expected: MergeBase
) -> None:
    if quantization is not None:
        write_certificate(tmp_path, a_certificate(quantization=quantization), frozenset())
    assert settled(MergeBase.AS_TRAINED, tmp_path) is expected
    assert settled(MergeBase.FULL, tmp_path) is MergeBase.FULL


def test_a_failed_merge_reports_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, stdout="", stderr="Traceback\nValueError: NaNs\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(UnknownCheckpoint, match=r"could not be merged into .* \(ValueError: NaNs\)"):
        merged_checkpoint(_checkpoint(tmp_path, adapter=True), cache=tmp_path, say=print)
