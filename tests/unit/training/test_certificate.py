"""Birth certificates: written beside the weights, read back whole, damaged ones refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness import UnknownCheckpoint
from training.certificate import (
    CERTIFICATE,
    SHINGLES,
    Certificate,
    read_certificate,
    read_shingles,
    write_certificate,
)


def a_certificate(**fields: object) -> Certificate:
    given: dict[str, Any] = {
        "created_at": "2026-11-25T09:00:00+00:00",
        "method": "sft",
        "base": "smollm2-135m",
        "base_digest": "b" * 64,
        "quantization": "nf4",
        "prompt_arms": {"rag-3": 0.5, "zero-shot": 0.5},
        "task": "fractions",
        "data_digest": "d" * 64,
        "examples": 288,
        "template_digest": "t" * 64,
        "recipe": {"epochs": 2.0, "lora": {"rank": 16, "target_modules": ["q_proj"]}},
        "data_steps": ({"step": "dedup", "counts": {"dropped": 3}},),
        "losses": ((1.0, 0.9, 0.8), (2.0, None, 0.7)),
        "owner": "Ada",
        "overrides": ("Ada accepted training although nobody has reviewed the training data",),
    }
    return Certificate(**given | fields)


def test_a_certificate_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    certificate = a_certificate(
        epoch=2.0, elapsed_s=12.5, peak_memory_bytes=5, environment={"python": "3.11"}
    )
    write_certificate(tmp_path, certificate, frozenset({1, 2**64 - 1}))
    assert read_certificate(tmp_path) == certificate
    assert read_shingles(tmp_path) == {1, 2**64 - 1}


def test_a_folder_without_one_has_none(tmp_path: Path) -> None:
    assert read_certificate(tmp_path) is None
    assert read_shingles(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"format_version": 1}', b'{"format_version": 1, "created_at": 5}', b"\xff"],
)
def test_a_damaged_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CERTIFICATE).write_bytes(content)
    with pytest.raises(UnknownCheckpoint, match="cannot be read"):
        read_certificate(tmp_path)


def test_a_certificate_of_a_newer_program_is_refused_as_that(tmp_path: Path) -> None:
    write_certificate(tmp_path, a_certificate(), frozenset())
    path = tmp_path / CERTIFICATE
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": 99}))
    with pytest.raises(UnknownCheckpoint, match="has format 99, this program reads 1"):
        read_certificate(tmp_path)


def test_damaged_shingles_are_refused(tmp_path: Path) -> None:
    (tmp_path / SHINGLES).write_bytes(b"no array")
    with pytest.raises(UnknownCheckpoint, match="is damaged"):
        read_shingles(tmp_path)
