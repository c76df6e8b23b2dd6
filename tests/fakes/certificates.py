"""A builder of birth certificates, shared by every test that needs one."""

from collections.abc import Callable

import pytest

from training.certificate import Certificate


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
