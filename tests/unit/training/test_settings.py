"""KEY=VALUE on a command line."""

import pytest

from harness import InvalidRecipe
from training.settings import overlaid, parse_settings


def test_values_are_toml_and_plain_text_where_they_are_none() -> None:
    settings = parse_settings(["epochs=1", "base=./a/b", "lora.rank = 8", "task=fractions", 'data="x y"'])
    assert settings == {
        "epochs": 1,
        "base": "./a/b",
        "lora": {"rank": 8},
        "task": "fractions",
        "data": "x y",
    }


@pytest.mark.parametrize("setting", ["epochs", "=3", "lora.=3", ""])
def test_what_is_no_setting_is_refused(setting: str) -> None:
    with pytest.raises(InvalidRecipe, match="write KEY=VALUE"):
        parse_settings([setting])


def test_a_key_is_not_set_both_whole_and_in_part() -> None:
    with pytest.raises(InvalidRecipe, match="sets part of a key that was set as a whole"):
        parse_settings(["lora=3", "lora.rank=4"])


def test_tables_are_overlaid_key_by_key_and_shares_of_arms_as_a_whole() -> None:
    fields = {"lora": {"rank": 8, "alpha": 1.0}, "prompt_arms": {"zero-shot": 1.0}}
    laid = overlaid(fields, {"lora": {"rank": 4}, "prompt_arms": {"rag-3": 1.0}})
    assert laid == {"lora": {"rank": 4, "alpha": 1.0}, "prompt_arms": {"rag-3": 1.0}}
    assert fields["lora"] == {"rank": 8, "alpha": 1.0}
