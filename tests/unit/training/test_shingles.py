"""Runs of words: what counts as a word, and which texts share a run."""

import pytest

from training.shingles import SHINGLE_WORDS, all_shingles, normalised, shingles

LONG = " ".join(f"w{number}" for number in range(20))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Add 3/4 and 1/2!", ("add", "3/4", "and", "1/2")),
        ("  It's   FINE\n", ("it", "s", "fine")),
        ("snake_case", ("snake", "case")),
        ("\u00c9t\u00e9 2.5", ("\u00e9t\u00e9", "2", "5")),
        ("\u2026 --", ()),
    ],
)
def test_words_are_in_lower_case_without_punctuation(text: str, words: tuple[str, ...]) -> None:
    assert normalised(text) == words


@pytest.mark.parametrize(("words", "runs"), [(1, 1), (SHINGLE_WORDS, 1), (SHINGLE_WORDS + 4, 5)])
def test_a_text_has_a_run_for_each_start_and_at_least_one(words: int, runs: int) -> None:
    assert len(shingles(" ".join(f"w{number}" for number in range(words)))) == runs


def test_a_text_without_words_has_no_runs() -> None:
    assert shingles("?!") == frozenset()
    assert all_shingles([]) == frozenset()


def test_thirteen_words_in_a_row_are_found_inside_another_text_and_twelve_are_not() -> None:
    words = LONG.split()
    assert shingles("before " + " ".join(words[3:16]) + ", after") & shingles(LONG)
    assert not shingles("before " + " ".join(words[3:15]) + ", after") & shingles(LONG)


def test_case_and_punctuation_do_not_hide_a_text() -> None:
    assert shingles(LONG.upper().replace(" ", ", ")) == shingles(LONG)


def test_another_number_is_another_run() -> None:
    assert shingles("add 2/9 and 1/8") != shingles("add 2/9 and 1/7")


def test_hashes_are_the_same_in_every_process() -> None:
    assert shingles("add 3/4") == {8807702247381852360}


def test_the_runs_of_texts_are_those_of_each() -> None:
    assert all_shingles(["a", "b"]) == shingles("a") | shingles("b")
