"""Nightlies of which a test says only what it is about."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.domain.policy import Policy
from harness.experiments.nightly.checked import Nightly
from harness.experiments.nightly.definition import parse_nightly
from harness.experiments.request import places


@pytest.fixture
def nightly(tmp_path: Path) -> Callable[..., Nightly]:
    """Makes the nightly of a file that holds these keys besides what it must."""

    def build(**keys: object) -> Nightly:
        fields = {
            "owner": "Ada",
            "due": "2027-01-31",
            "checkpoints": ["a"],
            "tasks": ["fractions"],
            "release": "r",
        }
        return Nightly(
            table=parse_nightly({**fields, **keys}, where="x"),
            policy=Policy(),
            asked=(),
            digest="f" * 64,
            path=Path("nightly.toml"),
            places=places(tmp_path / "results"),
        )

    return build
