"""What tells two alike texts apart: their numbers and their negations.

To an embedder "add 2/9 and 1/8" and "add 2/7 and 1/8" are nearly the same text, as are "I can
log in" and "I cannot log in", so both are compared word by word.
"""

import re

_NUMERAL = re.compile(r"\d+(?:[.,/:]\d+)*")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_NUMBER_WORDS = frozenset(
    (
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
        *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        *("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "dozen"),
        *("thousand", "million", "billion", "half", "halves", "third", "thirds", "quarter", "quarters"),
        *("twice", "thrice"),
    )
)
_NEGATIONS = frozenset(
    ("not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "cannot", "without")
)


def numbers(text: str) -> tuple[str, ...]:
    """Return the numbers in a text in their order, numerals first, then those in words; 3/4 is one."""
    words = (word for word in _WORD.findall(text.lower()) if word in _NUMBER_WORDS)
    return (*_NUMERAL.findall(text), *words)


def particulars(text: str) -> tuple[str, ...]:
    """Return the numbers in a text and a "not" for each of its negations."""
    words = _WORD.findall(text.lower())
    denied = sum(word in _NEGATIONS or word.replace("\u2019", "'").endswith("n't") for word in words)
    return (*numbers(text), *("not",) * denied)
