"""What a reply quotes, and what supports it."""

import pytest

from training.data.documents import Document
from training.data.quotes import best_passage, passages, quoted, quotes

TEXT = 'Returns take 30 days. "Is it free?" Yes, in the U.K. and abroad\nRefunds come by post! '


def test_passages_are_sentences_and_pairs_of_them_word_for_word() -> None:
    found = [passage.text for passage in passages(Document(id="d", text=TEXT))]
    assert found[0] == "Returns take 30 days."
    assert '"Is it free?"' in found
    assert "Refunds come by post!" in found
    assert 'Returns take 30 days. "Is it free?"' in found
    assert all(text in TEXT for text in found)


@pytest.mark.parametrize(
    ("reply", "passage"),
    [("Within 30 days of returns", "Returns take 30 days."), ("by post", "Refunds come by post!")],
)
def test_the_passage_that_shares_most_telling_words_supports_a_reply(reply: str, passage: str) -> None:
    best = best_passage(reply, passages(Document(id="d", text=TEXT)))
    assert best is not None
    assert best[0].text == passage


def test_a_reply_without_telling_words_is_supported_by_nothing() -> None:
    best = best_passage("Yes, it is.", passages(Document(id="d", text=TEXT)))
    assert best is not None
    assert best[1] == 0.0
    assert best_passage("post", ()) is None


def test_quotes_are_read_back_and_marks_in_a_document_are_never_quoted() -> None:
    assert quotes(quoted("a\nb", "so") + quoted(" c ", "")) == ("a\nb", "c")
    assert quotes("none") == ()
    assert passages(Document(id="d", text="A ##end_quote## b.")) == ()
