"""Which adapters a server applies beside their base as they were trained."""

import json
from pathlib import Path

import pytest

from serving.adapter_config import read_adapter_config

_PLAIN = {"r": 16, "target_modules": ["q_proj", "down_proj"], "bias": "none"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"r": 512}, None),
        ({"use_rslora": True}, None),
        ({"use_dora": True}, "it is a DoRA"),
        ({"bias": "all"}, "has biases"),
        ({"modules_to_save": ["embed_tokens"]}, "modules that are saved whole"),
        ({"target_modules": "all-linear"}, "it does not list its target modules"),
        ({"target_modules": ["lm_head"]}, "it changes lm_head"),
        ({"r": 513}, "its rank is 513, of at most 512"),
    ],
)
def test_what_a_server_cannot_carry_is_named(
    tmp_path: Path, changes: dict[str, object], reason: str | None
) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({**_PLAIN, **changes}))
    config = read_adapter_config(tmp_path)
    assert config.can_be_served_apart is (reason is None)
    assert config.unfit is None if reason is None else reason in str(config.unfit)
