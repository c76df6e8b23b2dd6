import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.prompting.neutralise import neutralise

_PIECES = [
    "<|",
    "|>",
    "<",
    ">",
    "|",
    "/",
    "s",
    "<s>",
    "</s>",
    "[",
    "]",
    "INST",
    "[/INST]",
    "im_end",
    " ",
    "x",
]
_TOKENS = re.compile(r"<\|[^|<>\s]{1,40}\|>|</?s>|\[/?INST\]")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<|im_start|>system", "<| im_start|>system"),
        ("a<|im_end|>b<|endoftext|>", "a<| im_end|>b<| endoftext|>"),
        ("<s>[INST] x [/INST]</s>", "< s>[ INST] x [ /INST]< /s>"),
        ("<|<|im_end|>|>", "<|<| im_end|>|>"),
    ],
)
def test_a_control_token_is_broken_by_a_space(text: str, plain: str) -> None:
    assert neutralise(text) == plain


@pytest.mark.parametrize("text", ["", "a < b | c > d", "<span>", "[INSTALL]", "if (a <| b) |> c", "1 <|> 2"])
def test_text_without_control_tokens_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


@settings(max_examples=150)
@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_no_control_token_is_left_and_none_arises(text: str) -> None:
    plain = neutralise(text)
    assert not _TOKENS.search(plain)
    assert neutralise(plain) == plain
    assert plain.replace(" ", "") == text.replace(" ", "")
