"""What can be wrong with rows once they are tokens."""

from collections.abc import Sequence

import pytest

from harness import InvalidDataset, InvalidRecipe, Message, Role
from training.row_tokens import measured, require_template
from training.rows import Row


class Letters:
    """A tokenizer whose tokens are characters; its template marks turns as a real one does."""

    name_or_path = "letters"

    def __init__(self, template: str = "t", *, closing: bool = True, drifting: bool = False) -> None:
        self.chat_template = template
        self._closing = closing
        self._drifting = drifting

    def apply_chat_template(
        self, turns: Sequence[dict[str, str]], *, add_generation_prompt: bool, **_: object
    ) -> dict[str, list[int]]:
        text = ""
        for turn in turns:
            if turn["role"] == "assistant":
                text += f"A{turn['content']}." if self._closing else "A"
            else:
                text += f"U{turn['content']}."
        if add_generation_prompt:
            text += "B" if self._drifting else "A"
        return {"input_ids": [ord(letter) for letter in text]}

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))


def a_row(question: str, reply: str = "yes", name: str = "a") -> Row:
    prompt = (Message(role=Role.USER, content=question),)
    return Row(id=name, arm="zero-shot", prompt=prompt, replies={"completion": reply})


def test_learnt_tokens_are_those_of_the_reply_and_its_end() -> None:
    found = measured([a_row("why"), a_row("why not", "no", "b")], Letters(), longest=100)
    assert found.tokens == (len("Uwhy.Ayes."), len("Uwhy not.Ano."))
    assert (found.longest, found.learnt) == (len("Uwhy not.Ano."), len("yes.") + len("no."))


def test_a_preference_is_as_long_as_its_longer_reply() -> None:
    row = Row(id="a", arm="x", prompt=a_row("why").prompt, replies={"chosen": "yes", "rejected": "maybe"})
    found = measured([row], Letters(), longest=100)
    assert (found.longest, found.learnt) == (len("Uwhy.Amaybe."), len("yes.") + len("maybe."))


def test_rows_that_are_too_long_are_counted_and_named() -> None:
    rows = [a_row("why"), a_row("w" * 50, name="long"), a_row("w" * 30, name="longish")]
    with pytest.raises(InvalidRecipe) as raised:
        measured(rows, Letters(), longest=20)
    assert "2 of 3 examples are longer than 20 tokens ('long' with 57, 'longish' with 37)" in str(
        raised.value
    )
    assert 'too_long = "drop"' in str(raised.value)


def test_a_prompt_that_is_rendered_unlike_itself_is_refused_with_the_first_token() -> None:
    with pytest.raises(InvalidDataset, match=r"'a'.*differ at token 5 \('B' alone\)"):
        measured([a_row("why")], Letters(drifting=True), longest=100)


def test_a_template_that_drops_the_reply_is_refused_because_all_labels_would_be_masked() -> None:
    with pytest.raises(InvalidDataset, match="all its labels would be masked"):
        measured([a_row("why")], Letters(closing=False), longest=100)


@pytest.mark.parametrize("template", ["", "  "])
def test_a_tokenizer_without_a_template_is_refused(template: str) -> None:
    with pytest.raises(InvalidRecipe, match="letters has no chat template"):
        require_template(Letters(template))
