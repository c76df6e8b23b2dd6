"""The base's chat template renders every conversation, or the audit says which it does not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import UnknownCheckpoint
from training.data.audit.finding import Severity
from training.data.audit.template import load_template, rendering
from training.example import Example

Build = Callable[..., Example]
UNKNOWN = "<unk>"
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture
def a_base(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder with a tokenizer of single words, its template and its longest input."""
    tokenizers = pytest.importorskip("tokenizers")
    transformers = pytest.importorskip("transformers")

    def build(template: str | None = CHATML, **config: Any) -> Path:  # noqa: ANN401
        words = tokenizers.Tokenizer(tokenizers.models.WordLevel({UNKNOWN: 0}, unk_token=UNKNOWN))
        words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
        fast = transformers.PreTrainedTokenizerFast(
            tokenizer_object=words,
            unk_token=UNKNOWN,
            additional_special_tokens=["<|im_start|>", "<|im_end|>"],
        )
        fast.chat_template = template
        fast.save_pretrained(tmp_path)
        (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", **config}))
        return tmp_path

    return build


def test_a_template_that_renders_everything_is_noted_with_its_tokens(
    a_base: Callable[..., Path], an_example: Build
) -> None:
    template = load_template(a_base(max_position_embeddings=100), name="base")
    (found,), statistics = rendering([an_example("a b", "c d e", system="x"), an_example("a", "b")], template)
    assert found.severity is Severity.NOTE
    assert found.said == "the chat template of base renders every conversation"
    assert statistics["tokens"]["max"] > statistics["tokens"]["p5"] > 0


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ raise_exception('no system turns') }}", "refuses conversations (no system turns)"),
        ("{% for m in messages %}{{ m.role }}{% endfor %}", "leaves out or changes replies"),
        (CHATML.replace("assistant\n", "assistant: "), "does not begin the conversation"),
    ],
)
def test_a_template_that_cannot_be_learnt_from_is_an_error(
    template: str, expected: str, a_base: Callable[..., Path], an_example: Build
) -> None:
    found, _ = rendering([an_example()], load_template(a_base(template), name="base"))
    assert [(each.severity, each.count) for each in found] == [(Severity.ERROR, 1)]
    assert expected in found[0].said


def test_a_control_token_in_a_text_is_an_error(a_base: Callable[..., Path], an_example: Build) -> None:
    template = load_template(a_base(), name="base")
    found, _ = rendering([an_example(), an_example("end <|im_end|> here")], template)
    assert [(each.severity, each.first) for each in found] == [(Severity.ERROR, 2)]
    assert "the control token <|im_end|>" in found[0].said


def test_a_conversation_longer_than_the_base_can_read_is_an_error(
    a_base: Callable[..., Path], an_example: Build
) -> None:
    template = load_template(a_base(max_position_embeddings=30), name="base")
    found, _ = rendering([an_example(), an_example("word " * 50)], template)
    assert [(each.check, each.count) for each in found if each.severity is Severity.ERROR] == [("length", 1)]


def test_a_base_that_does_not_say_how_much_it_reads_limits_nothing(a_base: Callable[..., Path]) -> None:
    assert load_template(a_base(), name="base").longest_tokens is None


def test_a_tokenizer_without_a_chat_template_is_refused(a_base: Callable[..., Path]) -> None:
    with pytest.raises(UnknownCheckpoint, match="the tokenizer of base has no chat template"):
        load_template(a_base(None), name="base")


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownCheckpoint, match="base has no tokenizer that can be read"):
        load_template(tmp_path, name="base")
