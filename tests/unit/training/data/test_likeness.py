"""What makes two examples alike, and what keeps them apart however near they are."""

from collections.abc import Callable, Iterable

import pytest

from tests.fakes.word_vectors import word_vectors
from training.data.likeness import (
    Reading,
    Way,
    alike_in_meaning,
    alike_in_wording,
    exact_groups,
    jaccard,
    label_of,
)
from training.example import Example

Build = Callable[..., Example]
PROSE = "The answer depends on the weather, as you may well imagine, and on the wind."


def _pairs(examples: Iterable[Example], way: Way, threshold: float) -> list[tuple[int, int]]:
    readings = dict(enumerate(Reading(example=each) for each in examples))
    if way is Way.WORDING:
        found = alike_in_wording(readings, threshold=threshold)
    else:
        found = alike_in_meaning(readings, threshold=threshold, embed=word_vectors)
    return sorted((each.first, each.second) for each in found)


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ('{"b": 1, "a": [2]}', '{"a": [2], "b": 1}'),
        (' {"a":[2],"b":1} ', '{"a": [2], "b": 1}'),
        ("Positive.", "positive"),
        ("Very much so", "very much so"),
        ("\U0001f600", "\U0001f600"),
        (PROSE, None),
    ],
)
def test_json_and_a_few_words_are_labels(reply: str, label: str | None) -> None:
    assert label_of(reply) == label


def test_case_and_spaces_do_not_make_examples_differ(an_example: Build) -> None:
    examples = [an_example("Who  is it?"), an_example("who is\nIT?"), an_example("Who was it?")]
    groups = list(exact_groups([Reading(example=each) for each in examples]))
    assert [(each.first, each.second, each.way) for each in groups] == [(0, 1, Way.EXACT)]


@pytest.mark.parametrize("way", [Way.WORDING, Way.MEANING])
def test_a_word_more_is_alike_and_another_text_is_not(way: Way, an_example: Build) -> None:
    question = "Please tell me how the weather in the mountains will be on the weekend"
    examples = [
        an_example(question, PROSE),
        an_example(f"{question} then", PROSE),
        an_example("How do I bake a cake with apples and cinnamon?", PROSE),
    ]
    assert _pairs(examples, way, 0.8) == [(0, 1)]


@pytest.mark.parametrize("way", [Way.WORDING, Way.MEANING])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("add 2/9 and 1/8 for me please", "ok"), ("add 2/9 and 1/7 for me please", "ok")),
        (("3 is more than 2 by one", "ok"), ("2 is more than 3 by one", "ok")),
        (("why can I log in here", "ok"), ("why can I not log in here", "ok")),
        (("route this ticket please", '{"to":"a"}'), ("route this ticket please", '{"to":"b"}')),
        (("is it good", "yes"), ("is it good", "no")),
        (("say more", PROSE), ("say more", f"{PROSE} Take 5 coats.")),
    ],
    ids=["numbers", "order of numbers", "negation", "json label", "word label", "numbers in prose"],
)
def test_what_an_embedder_overlooks_keeps_examples_apart(
    way: Way, first: tuple[str, str], second: tuple[str, str], an_example: Build
) -> None:
    assert _pairs([an_example(*first), an_example(*second)], way, 0.01) == []


@pytest.mark.parametrize("way", [Way.WORDING, Way.MEANING])
def test_another_system_turn_keeps_examples_apart(way: Way, an_example: Build) -> None:
    examples = [an_example(system="Speak French."), an_example(system="Speak German.")]
    assert _pairs(examples, way, 0.01) == []


@pytest.mark.parametrize("way", [Way.WORDING, Way.MEANING])
def test_prose_replies_have_to_be_alike_too(way: Way, an_example: Build) -> None:
    examples = [an_example("say more", PROSE), an_example("say more", "Nobody could ever tell which one.")]
    assert _pairs(examples, way, 0.8) == []


def test_the_earlier_of_a_pair_comes_first_over_many_blocks(an_example: Build) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    firsts = [f"{one}{two}" for one in "xyzv" for two in letters]
    examples = [an_example(f"{one} q{two} z", "yes") for one in firsts for two in letters[:12]]
    examples.append(examples[7])
    in_meaning = _pairs(examples, Way.MEANING, 0.999)
    assert (7, len(examples) - 1) in in_meaning
    assert all(first < second for first, second in in_meaning)
    assert _pairs(examples, Way.WORDING, 0.999) == [(7, len(examples) - 1)]


def test_jaccard_is_the_share_in_common() -> None:
    assert jaccard(frozenset({1, 2}), frozenset({2, 3})) == pytest.approx(1 / 3)
    assert jaccard(frozenset(), frozenset()) == 1.0
