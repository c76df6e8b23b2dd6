"""Builders of birth certificates, and of folders that hold one, shared by every test that needs them."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from training.certificate import Certificate, write_certificate
from training.shingles import all_shingles


@pytest.fixture(scope="session")
def a_certificate() -> Callable[..., Certificate]:
    """Makes the certificate of a run on four examples; keywords replace its fields."""

    def build(**fields: object) -> Certificate:
        plain: dict[str, object] = {
            "created_at": "2026-11-25T09:00:00+00:00",
            "method": "sft",
            "base": "base",
            "base_digest": "b" * 64,
            "quantization": "nf4",
            "prompt_arms": {"zero-shot": 1.0},
            "task": "sums",
            "data_digest": "d" * 64,
            "examples": 4,
            "template_digest": "t" * 64,
            "recipe": {"epochs": 3.0},
        }
        return Certificate(**{**plain, **fields})  # type: ignore[arg-type]

    return build


@pytest.fixture
def trained(tmp_path: Path, a_certificate: Callable[..., Certificate]) -> Callable[..., Path]:
    """Makes a folder that says what was trained on; keywords replace fields of the certificate."""

    def build(
        name: str, texts: Iterable[str] | None = ("nothing that is asked here",), **fields: object
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        certificate = a_certificate(**{"template_digest": "", **fields})
        write_certificate(folder, certificate, None if texts is None else all_shingles(texts))
        return folder

    return build
