"""The certificate of an embedder comes back as it was written."""

from pathlib import Path

import pytest

from harness import UsageError
from training.embeddings.certificate import (
    EMBEDDER_CERTIFICATE,
    EmbedderCertificate,
    read_embedder_certificate,
    write_embedder_certificate,
)
from training.embeddings.recall import Recall


def test_a_certificate_comes_back_as_it_was_written(tmp_path: Path) -> None:
    certificate = EmbedderCertificate(
        created_at="2026-11-25T10:00:00+00:00",
        base="minilm",
        base_digest="a" * 64,
        task="sums",
        task_digest="b" * 64,
        source="a file of pairs",
        pairs_digest="c" * 64,
        queries=16,
        held_out=4,
        lessons=16,
        epochs=1,
        negatives=4,
        dims=(64, 384),
        seed=5,
        before=(Recall(dims=64, k=1, value=0.25),),
        after=(Recall(dims=64, k=1, value=0.5),),
        elapsed_s=3.5,
        environment={"python": "3.11"},
    )
    write_embedder_certificate(tmp_path, certificate)
    assert read_embedder_certificate(tmp_path) == certificate


def test_none_is_none_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    assert read_embedder_certificate(tmp_path) is None
    (tmp_path / EMBEDDER_CERTIFICATE).write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match=f"{EMBEDDER_CERTIFICATE} cannot be read"):
        read_embedder_certificate(tmp_path)
