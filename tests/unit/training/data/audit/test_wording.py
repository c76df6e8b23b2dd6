"""Language, length, repetition and the prompts asked most."""

from collections.abc import Callable

import pytest

from training.data.audit.finding import Severity
from training.data.audit.wording import duplicates, language, language_of, length, spread, top_prompts
from training.example import Example

Build = Callable[..., Example]
ENGLISH = "Could you please tell me how to get from the station to the old town on foot?"
GERMAN = "K\u00f6nnen Sie mir bitte sagen, wie ich vom Bahnhof zu Fu\u00df in die Altstadt komme?"


@pytest.mark.parametrize(
    ("text", "code"), [(ENGLISH, "en"), (GERMAN, "de"), ("Ja?", None), ("123 " * 40, None)]
)
def test_a_language_is_told_where_there_is_text_enough(text: str, code: str | None) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    ("strays", "severity"), [(0, Severity.NOTE), (1, Severity.NOTE), (5, Severity.WARNING)]
)
def test_more_than_a_few_examples_in_another_language_are_a_warning(
    strays: int, severity: Severity, an_example: Build
) -> None:
    examples = [an_example(GERMAN if n < strays else ENGLISH) for n in range(60)]
    (found,) = language(examples)
    assert (found.severity, found.count) == (severity, strays)
    assert found.said.startswith("en in ")


def test_nothing_is_said_of_texts_too_short_to_tell(an_example: Build) -> None:
    assert list(language([an_example("hm", "ok")])) == []


def test_lengths_are_nearest_ranks() -> None:
    assert spread(list(range(1, 101))) == {"p5": 5, "p50": 50, "p95": 95, "max": 100}
    assert spread([7]) == {"p5": 7, "p50": 7, "p95": 7, "max": 7}


def test_prompts_are_measured_with_their_system_turn(an_example: Build) -> None:
    told = length([an_example("one two", "three", system="four")])
    assert (told["prompt_words"]["max"], told["reply_words"]["max"]) == (3, 1)


def test_repetitions_are_told_by_how_near_they_are(an_example: Build) -> None:
    examples = [an_example(ENGLISH), an_example(ENGLISH), an_example(f"Hello! {ENGLISH}"), an_example(GERMAN)]
    assert [(each.count, each.said.split(":")[0]) for each in duplicates(examples)] == [
        (1, "examples repeat an earlier one"),
        (1, "examples nearly repeat an earlier one"),
    ]


@pytest.mark.parametrize(
    ("counts", "share", "severity"),
    [
        ([1] * 30, 0.0, Severity.NOTE),
        ([2] + [1] * 30, 2 / 32, Severity.NOTE),
        ([4] + [1] * 30, 4 / 34, Severity.WARNING),
        ([2] * 20, 0.5, Severity.WARNING),
    ],
)
def test_the_ten_questions_asked_most_are_those_asked_more_than_once(
    counts: list[int], share: float, severity: Severity, an_example: Build
) -> None:
    examples = [an_example(f"q{n}") for n, count in enumerate(counts) for _ in range(count)]
    (found,) = top_prompts(examples)
    assert (found.severity, found.share) == (severity, pytest.approx(share))
