"""What is written into a certificate is read out of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import UnknownCheckpoint
from training.certificate import CERTIFICATE, Certificate, read_certificate, read_shingles, write_certificate


def test_a_certificate_is_read_back_as_it_was_written(
    tmp_path: Path, a_certificate: Callable[..., Certificate]
) -> None:
    written = a_certificate(recipe={"lora": {"rank": 16}, "epochs": 3.0}, losses=((1.0, 2.5, None),))
    write_certificate(tmp_path, written, frozenset({1, 2**63}))
    assert read_certificate(tmp_path) == written
    assert read_shingles(tmp_path) == {1, 2**63}


def test_without_a_certificate_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert read_certificate(tmp_path) is None
    assert read_shingles(tmp_path) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "cannot be read"), ("[]", "cannot be read"), ('{"format_version": 99}', "has format 99")],
)
def test_a_damaged_certificate_is_refused_by_name(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / CERTIFICATE).write_text(content)
    with pytest.raises(UnknownCheckpoint, match=f"{CERTIFICATE} {message}"):
        read_certificate(tmp_path)
