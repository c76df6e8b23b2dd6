"""Folders that say what was trained on, written by hand."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from training.certificate import Certificate, write_certificate
from training.shingles import all_shingles

MakeFolder = Callable[..., Path]


@pytest.fixture
def trained(tmp_path: Path) -> MakeFolder:
    """Makes a folder that says what was trained on; keywords replace fields of the certificate."""

    def build(
        name: str,
        texts: Iterable[str] | None = ("nothing that is asked here",),
        *,
        prompt_arms: Mapping[str, float] | None = None,
        **fields: object,
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        plain: dict[str, object] = {
            "created_at": "2026-11-25T09:00:00+00:00",
            "method": "sft",
            "base": "base",
            "base_digest": "b" * 64,
            "quantization": "nf4",
            "prompt_arms": {"zero-shot": 1.0} if prompt_arms is None else prompt_arms,
            "task": "sums",
            "data_digest": "d" * 64,
            "examples": 4,
            "template_digest": "",
            "recipe": {},
        }
        certificate = Certificate(**{**plain, **fields})  # type: ignore[arg-type]
        write_certificate(folder, certificate, None if texts is None else all_shingles(texts))
        return folder

    return build
