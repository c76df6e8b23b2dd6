"""Which template a folder's tokenizer will render chats with."""

import json
from pathlib import Path

import pytest

from training.chat_template import chat_template, template_digest


def test_a_template_of_its_own_file_goes_before_the_one_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": "old"}))
    assert chat_template(tmp_path) == "old"
    (tmp_path / "chat_template.jinja").write_text("new")
    assert chat_template(tmp_path) == "new"


def test_of_several_templates_the_default_one_is_meant(tmp_path: Path) -> None:
    named = [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "plain"}]
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": named}))
    assert chat_template(tmp_path) == "plain"


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"chat_template": 3}', '{"chat_template": [1]}'])
def test_a_folder_without_a_template_has_none(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "tokenizer_config.json").write_text(content)
    assert chat_template(tmp_path) is None


def test_one_other_letter_is_another_template() -> None:
    assert len({template_digest(text) for text in ("<|im_end|>\n", "<|im_end|>", "<|im_end|>\n")}) == 2
