from hypothesis import given
from hypothesis import strategies as st

from reports.gate.words import Stretch, word_diff

_TEXTS = st.text(alphabet="ab ,\n", max_size=40)


def test_only_the_words_that_differ_are_marked() -> None:
    diff = word_diff("the answer is 5.", "the answer was 5.")
    assert [tuple(each) for each in diff.before] == [("the answer ", False), ("is ", True), ("5.", False)]
    assert [each.text for each in diff.after if each.differs] == ["was "]


def test_equal_texts_have_no_mark() -> None:
    assert word_diff("same words", "same words").after == (Stretch("same words", differs=False),)


def test_nothing_spells_nothing() -> None:
    assert word_diff("", "new") == ((), (Stretch("new", differs=True),))


def test_a_text_of_too_many_words_is_shown_without_marks() -> None:
    many = "word " * 2_000
    assert word_diff(many, "short").before == (Stretch(many, differs=False),)


@given(_TEXTS, _TEXTS)
def test_the_stretches_of_a_side_spell_its_text(before: str, after: str) -> None:
    diff = word_diff(before, after)
    assert "".join(each.text for each in diff.before) == before
    assert "".join(each.text for each in diff.after) == after


@given(_TEXTS, _TEXTS)
def test_what_is_not_marked_is_the_same_on_both_sides(before: str, after: str) -> None:
    diff = word_diff(before, after)
    if before != after:
        kept = ["".join(each.text for each in side if not each.differs) for side in diff]
        assert kept[0] == kept[1]
