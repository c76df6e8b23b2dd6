"""The first of a group stays, and what went is listed with what it went for."""

from collections.abc import Callable

import pytest

from harness import InvalidDataset
from tests.fakes.word_vectors import word_vectors
from training.data.dedup import DedupSettings, deduplicate, ways_named
from training.data.likeness import Way
from training.example import Example

Build = Callable[..., Example]
QUESTION = "Please tell me how the weather in the mountains will be on the weekend"


def test_the_first_stays_and_the_rest_are_listed_with_it(an_example: Build) -> None:
    examples = (
        an_example(QUESTION),
        an_example("something else entirely"),
        an_example(f"{QUESTION} now"),
        an_example(QUESTION.upper()),
    )
    result = deduplicate(examples, DedupSettings(), embed=word_vectors)
    assert [each.id for each in result.kept] == ["e1", "e2"]
    assert result.counts == {
        "read": 4,
        "kept": 2,
        "removed_exact": 1,
        "removed_wording": 1,
        "removed_meaning": 0,
    }
    (group,) = result.groups
    assert group["kept"] == "e1"
    assert [(gone["id"], gone["alike_in"]) for gone in group["removed"]] == [
        ("e3", "wording"),
        ("e4", "exact"),
    ]  # type: ignore[union-attr,call-overload,index]


def test_a_group_is_named_for_what_is_kept_even_when_its_first_went_later(an_example: Build) -> None:
    examples = (
        an_example("green apples and pears in a basket"),
        an_example("in a basket pears and green apples"),
        an_example("In a  basket pears and green apples"),
    )
    result = deduplicate(examples, DedupSettings(), embed=word_vectors)
    assert [each.id for each in result.kept] == ["e1"]
    assert [group["kept"] for group in result.groups] == ["e1"]


def test_only_the_ways_asked_for_count(an_example: Build) -> None:
    examples = (an_example(QUESTION), an_example(f"{QUESTION} now"), an_example(QUESTION))
    assert len(deduplicate(examples, DedupSettings(ways=(Way.EXACT,))).kept) == 2
    assert len(deduplicate(examples, DedupSettings(ways=(Way.WORDING,))).kept) == 1


def test_a_chain_of_likenesses_removes_only_what_is_like_something_kept(an_example: Build) -> None:
    words = [f"word{letter}" for letter in "abcdefghijklmnopqrst"]
    examples = tuple(an_example(" ".join(words[start : start + 16])) for start in range(5))
    result = deduplicate(examples, DedupSettings(ways=(Way.WORDING,), wording=0.85))
    assert [each.id for each in result.kept] == ["e1", "e3", "e5"]


def test_meaning_without_an_embedder_is_refused(an_example: Build) -> None:
    with pytest.raises(InvalidDataset, match="no embedder"):
        deduplicate((an_example(),), DedupSettings())


@pytest.mark.parametrize("degree", [0.0, -1.0, 1.1, float("nan")])
def test_a_degree_that_no_pair_or_every_pair_has_is_refused(degree: float) -> None:
    with pytest.raises(InvalidDataset, match="give one above 0 and up to 1"):
        DedupSettings(wording=degree)
    with pytest.raises(InvalidDataset, match="give one above 0 and up to 1"):
        DedupSettings(meaning=degree)


def test_ways_are_named_in_any_order() -> None:
    assert ways_named(("meaning", "exact")) == (Way.EXACT, Way.MEANING)
    with pytest.raises(
        InvalidDataset, match="'semantic' is no way of being alike: use exact, wording, meaning"
    ):
        ways_named(("semantic",))
    with pytest.raises(InvalidDataset, match="none is no way"):
        ways_named(())
