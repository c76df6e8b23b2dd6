"""Builders of training examples and of small training jobs."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from harness import Message, Role
from training.certificate import Certificate
from training.example import Example
from training.job import Job
from training.recipe import parse_recipe


@pytest.fixture
def an_example() -> Callable[..., Example]:
    """Makes an example of a question and a reply; ids count up from e1."""
    numbers = count(1)

    def build(
        question: str = "What is it?", reply: str = "It is a cat.", *, system: str = "", **fields: object
    ) -> Example:
        spoken = (Message(role=Role.USER, content=question), Message(role=Role.ASSISTANT, content=reply))
        told = (Message(role=Role.SYSTEM, content=system),) if system else ()
        known = {"id": f"e{next(numbers)}", "messages": (*told, *spoken)}
        return Example(**{**known, **fields})  # type: ignore[arg-type]

    return build


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
