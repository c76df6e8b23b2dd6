"""Numbers and negations are read word by word."""

import pytest

from training.particulars import numbers, particulars


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add 2/9 and 1/8", ("2/9", "1/8")),
        ("1,000 or 2.5 at 10:30", ("1,000", "2.5", "10:30")),
        ("Three cats and 4 dogs", ("4", "three")),
        ("often, someone", ()),
        ("v2 costs 5.", ("2", "5")),
    ],
)
def test_numbers_are_found_in_numerals_and_in_words(text: str, expected: tuple[str, ...]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize("text", ["I cannot log in", "I can't log in", "I can\u2019t log in", "never log in"])
def test_a_negation_is_told_from_its_opposite(text: str) -> None:
    assert particulars(text) == ("not",)
    assert particulars("I can log in") == ()


def test_every_negation_counts() -> None:
    assert particulars("no, I do not want 2") == ("2", "not", "not")
