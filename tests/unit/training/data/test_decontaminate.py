"""Examples that are asked later, or give away what is asked, go; all others stay."""

from collections.abc import Callable

import pytest

from harness import InvalidDataset, Message, Role
from tests.fakes.word_vectors import word_vectors
from training.data.decontaminate import decontaminate
from training.data.evaluated import Evaluated
from training.data.likeness import Way
from training.example import Example

Build = Callable[..., Example]
LONG = (
    "a plant growing on a hillside has a stem that curves so that the plant is vertical which statement best "
    "explains this"
)
SHORT = "which instrument is used to measure the pressure of air"


def _item(text: str, name: str = "i1") -> Evaluated:
    return Evaluated(subject="arc_easy", id=name, text=text)


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        (LONG, "x"),
        (f"Tell me: {' '.join(LONG.split()[2:15]).upper()}!", "x"),
        ("Give me a text.", f"Here it is: {LONG}"),
        (f"Please, {SHORT}, do you know?", "x"),
        ("Ask me something.", f"Well: {SHORT}?"),
    ],
    ids=["whole", "thirteen words", "in a reply", "a short item inside", "a short item in a reply"],
)
def test_words_in_a_row_are_met_in_any_turn(question: str, reply: str, an_example: Build) -> None:
    item = _item(f"Question: {LONG if 'plant' in (question + reply).lower() else SHORT}?\nAnswer:")
    result = decontaminate([an_example(question, reply), an_example()], [item])
    assert [each.id for each in result.kept] == ["e2"]
    (met,) = result.removed
    assert (met.way, met.item) == (Way.WORDING, item)
    assert 0.0 < met.degree <= 1.0


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        (" ".join(LONG.split()[2:14]), "x"),
        ("Name a food.", "Fruit."),
        ("I like fruit a lot", "x"),
    ],
    ids=["twelve words of a long item", "a short item as a reply", "a short item inside"],
)
def test_what_is_said_by_chance_stays(question: str, reply: str, an_example: Build) -> None:
    result = decontaminate([an_example(question, reply)], [_item(LONG), _item("Goal: fruit\nAnswer:", "i2")])
    assert result.removed == ()


def test_a_short_item_asked_alone_is_met(an_example: Build) -> None:
    (met,) = decontaminate([an_example("fruit?")], [_item("Goal: fruit\nAnswer:")]).removed
    assert met.way is Way.WORDING


def test_what_items_of_a_subject_have_in_common_is_its_wording_and_no_item(an_example: Build) -> None:
    frame = (
        "Write one multiple choice question for grade five about adding fractions, with three distractors and"
    )
    items = [_item(f"{frame} the sum of 1/{n} and 2/{n + 3}.", f"i{n}") for n in range(3, 6)]
    same, other = f"{frame} the sum of 1/4 and 2/7.", f"{frame} the sum of 5/8 and 1/3."
    result = decontaminate([an_example(same), an_example(other)], items)
    assert [met.item.id for met in result.removed] == ["i4"]


def test_what_the_system_says_is_not_held_against_items(an_example: Build) -> None:
    assert decontaminate([an_example(system=LONG)], [_item(LONG)]).removed == ()


def test_another_wording_with_the_same_numbers_is_met_and_with_others_is_not(an_example: Build) -> None:
    examples = [
        an_example("how much is 2/9 added to 1/8 in a hiking story"),
        an_example("how much is 2/9 added to 1/7 in a hiking story"),
    ]
    item = _item("in a hiking story how much is 1/8 added to 2/9")
    result = decontaminate(examples, [item], meaning=0.9, embed=word_vectors)
    assert [(met.example.id, met.way) for met in result.removed] == [("e1", Way.MEANING)]
    assert decontaminate(examples, [item]).removed == ()


def test_every_question_of_a_conversation_is_held_against_items(an_example: Build) -> None:
    turns = [
        ("user", "where is the cat now"),
        ("assistant", "there"),
        ("user", "thanks"),
        ("assistant", "ok"),
    ]
    talk = an_example(messages=tuple(Message(role=Role(role), content=text) for role, text in turns))
    result = decontaminate([talk], [_item("now where is the cat")], embed=word_vectors)
    assert [met.example.id for met in result.removed] == [talk.id]


def test_the_nearest_of_several_items_is_named(an_example: Build) -> None:
    items = [_item("b c d e f", "far"), _item("a b c d e", "near"), _item("x y", "off")]
    (met,) = decontaminate([an_example("e d c b a")], items, meaning=0.5, embed=word_vectors).removed
    assert (met.item.id, round(met.degree, 3)) == ("near", 1.0)


def test_what_went_is_told_with_reason_and_item_and_counted(an_example: Build) -> None:
    result = decontaminate([an_example(LONG, "x"), an_example("fine")], [_item(LONG)])
    assert result.counts == {
        "read": 2,
        "kept": 1,
        "removed_wording": 1,
        "removed_meaning": 0,
        "met_arc_easy": 1,
    }
    row = result.removed[0].row
    assert row["why"] == "words in a row"
    assert row["item"] == {"subject": "arc_easy", "id": "i1", "text": LONG}
    assert row["example"]["id"] == "e1"  # type: ignore[index,call-overload]


def test_comparing_with_nothing_is_refused(an_example: Build) -> None:
    with pytest.raises(InvalidDataset, match="nothing to compare with"):
        decontaminate([an_example()], [])


@pytest.mark.parametrize("meaning", [0.0, 1.01, float("nan")])
def test_a_degree_out_of_range_is_refused(meaning: float, an_example: Build) -> None:
    with pytest.raises(InvalidDataset, match="the degree of meaning"):
        decontaminate([an_example()], [_item(LONG)], meaning=meaning)
