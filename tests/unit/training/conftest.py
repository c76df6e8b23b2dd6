"""Builders of small training jobs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training.certificate import Certificate
from training.job import Job
from training.recipe import parse_recipe


@pytest.fixture
def a_job(tmp_path: Path) -> Callable[..., Job]:
    """Makes a job in the test's own folder; keywords replace fields of its certificate or the job's."""

    def build(*, recipe: dict[str, Any] | None = None, out: Path | None = None, **fields: object) -> Job:
        full = parse_recipe({"base": "b", "data": "d", **(recipe or {})}, where="test")
        certificate: dict[str, Any] = {
            "created_at": "2026-11-25",
            "method": "sft",
            "base": "b",
            "base_digest": "1",
            "quantization": "nf4",
            "prompt_arms": {"zero-shot": 1.0},
            "task": "",
            "data_digest": "2",
            "examples": 8,
            "template_digest": "",
            "recipe": full.model_dump(mode="json"),
        }
        return Job(
            base="/models/b",
            base_name="smollm2-135m",
            out=str(out or tmp_path / "out"),
            certificate=Certificate(**certificate | fields),
        )

    return build
