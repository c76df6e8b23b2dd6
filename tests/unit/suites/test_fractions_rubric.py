import json
from collections.abc import Mapping

import pytest

from harness.domain.task import Item, Json
from suites.tasks.fractions.task import WEIGHTS, near, score

ADD: dict[str, Json] = {
    "operation": "add",
    "first": "2/3",
    "second": "1/4",
    "context": "baking",
    "locale": "en-US",
    "misconception_1": "add-across",
    "misconception_2": "keep-numerators",
}
ACROSS: dict[str, Json] = {"value": "3/7", "misconception": "add-across"}
KEPT: dict[str, Json] = {"value": "3/12", "misconception": "keep-numerators"}
GOOD: dict[str, Json] = {
    "question": "Mia puts 2/3 cup of flour and 1/4 cup of sugar in a cake. How many cups is that in all?",
    "expression": "2/3 + 1/4",
    "common_denominator": 12,
    "answer": "11/12",
    "distractors": [ACROSS, KEPT],
    "locale": "en-US",
}
SUBTRACT: dict[str, Json] = {
    **ADD,
    "operation": "subtract",
    "locale": "en-GB",
    "context": "running",
    "misconception_1": "subtract-across",
}
GOOD_SUBTRACT: dict[str, Json] = {
    "question": "A race is 2/3 kilometre long and Poppy has run 1/4 kilometre. How many kilometres are left?",
    "expression": "2/3 - 1/4",
    "common_denominator": 12,
    "answer": "5/12",
    "distractors": [
        {"value": "1/1", "misconception": "subtract-across"},
        {"value": "1/12", "misconception": "keep-numerators"},
    ],
    "locale": "en-GB",
}


def _parts(reply: Json, inputs: dict[str, Json] = ADD) -> Mapping[str, float]:
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return score(Item(id="frac-0001", cluster="denominators-3-4", inputs=inputs), text).parts


@pytest.mark.parametrize(("inputs", "reply"), [(ADD, GOOD), (SUBTRACT, GOOD_SUBTRACT)])
def test_a_good_reply_is_full_in_every_part(inputs: dict[str, Json], reply: Json) -> None:
    assert _parts(reply, inputs) == dict.fromkeys(WEIGHTS, 1.0)


@pytest.mark.parametrize(
    "change",
    [
        {"answer": "22/24"},
        {"common_denominator": 24},
        {"expression": "1/4 + 2/3"},
        {"distractors": [KEPT, ACROSS]},
        {"distractors": [ACROSS, {"value": "1/4", "misconception": "keep-numerators"}]},
        {"question": "Ava bakes with 1/4 cup of oil and 2/3 cup of milk. What is the total in cups?"},
    ],
)
def test_another_good_reply_is_as_good(change: dict[str, Json]) -> None:
    assert _parts({**GOOD, **change}) == dict.fromkeys(WEIGHTS, 1.0)


@pytest.mark.parametrize(
    ("change", "losses"),
    [
        ({"extra": 1}, {"schema": 0.0}),
        ({"common_denominator": 8}, {"mathematics": 2 / 3}),
        ({"common_denominator": 0}, {"schema": 0.0, "mathematics": 2 / 3}),
        ({"common_denominator": "12"}, {"schema": 0.0, "mathematics": 2 / 3}),
        ({"answer": "3/7"}, {"mathematics": 2 / 3}),
        ({"answer": "about one"}, {"schema": 0.0, "mathematics": 2 / 3}),
        (
            {"expression": "two thirds and a quarter"},
            {
                "schema": 0.0,
                "mathematics": 0.0,
                "requested": 0.5,
                "standard": 0.0,
                "distractor_1": 0.0,
                "distractor_2": 0.0,
                "no_leak": 0.0,
            },
        ),
        (
            {"expression": "2/3 - 1/4", "answer": "5/12", "distractors": []},
            {"schema": 0.0, "requested": 0.75, "distractor_1": 0.0, "distractor_2": 0.0},
        ),
        (
            {"expression": "2/3 + 1/5", "common_denominator": 15, "answer": "13/15"},
            {"requested": 0.75, "distractor_1": 0.0, "distractor_2": 0.0, "no_leak": 0.0},
        ),
        ({"distractors": [{**ACROSS, "value": "3/8"}, KEPT]}, {"distractor_1": 0.0}),
        ({"distractors": [ACROSS, {**KEPT, "value": "11/12"}]}, {"distractor_2": 0.0}),
        ({"distractors": [ACROSS, {**KEPT, "misconception": "guess"}]}, {"schema": 0.0, "distractor_2": 0.0}),
        (
            {"distractors": [ACROSS, {"value": "2/12", "misconception": "multiply-across"}]},
            {"distractor_2": 0.5},
        ),
        ({"distractors": [ACROSS, ACROSS]}, {"distractor_2": 0.0}),
        (
            {"distractors": [{"value": "3/12", "misconception": "multiply-denominators"}, KEPT]},
            {"distractor_1": 0.5, "distractor_2": 0.0},
        ),
        ({"distractors": [ACROSS]}, {"schema": 0.0, "distractor_1": 0.0, "distractor_2": 0.0}),
        ({"distractors": ["3/7", None]}, {"schema": 0.0, "distractor_1": 0.0, "distractor_2": 0.0}),
        (
            {"question": "Mia puts 2/3 cup of flour and some sugar in a cake. How many cups is that in all?"},
            {"requested": 0.75, "no_leak": 0.0},
        ),
        (
            {"question": "Mia bakes with 2/3 cup of flour and 1/4 cup of sugar. How many cups is it?"},
            {"requested": 0.75},
        ),
        (
            {
                "question": "Mia puts 2/3 cup of flour and 1/4 cup of sugar in a cake, or 11/12 cup. "
                "How many cups in all?"
            },
            {"no_leak": 0.0},
        ),
        (
            {"question": "Mia puts 2/3 cup of flour and 1/4 cup of sugar in a cake. Is it 22/24 cup in all?"},
            {"no_leak": 0.0},
        ),
        (
            {"question": "Mia has 2/3 cup of tea and 1/4 cup of milk. How many cups is that in all?"},
            {"wording": 0.75},
        ),
        (
            {"question": "Mia puts 2/3 litre of milk and 1/4 litre of oil in a cake. What is the sum?"},
            {"wording": 0.75},
        ),
        (
            {"question": "Mia puts 2/3 cup of milk and 1/4 litre of oil in a cake. How many cups in all?"},
            {"wording": 0.75},
        ),
        (
            {"question": "Mia puts 2/3 cup of flour and 1/4 cup of sugar in a cake. That is cups in all."},
            {"wording": 0.75},
        ),
        ({"question": "2/3 cup flour, 1/4 cup more in all?"}, {}),
        ({"question": "Cake: 2/3 + 1/4 cup total?"}, {"wording": 0.75}),
        ({"locale": "en-GB"}, {"wording": 0.75}),
        (
            {"question": ""},
            {"schema": 0.0, "requested": 0.5, "wording": 0.25, "no_leak": 0.0},
        ),
    ],
)
def test_a_broken_reply_loses_exactly_the_parts_it_breaks(
    change: dict[str, Json], losses: dict[str, float]
) -> None:
    assert _parts({**GOOD, **change}) == pytest.approx({**dict.fromkeys(WEIGHTS, 1.0), **losses})


@pytest.mark.parametrize(
    ("expression", "standard"),
    [
        ("1/4 + 2/4", 0.75),
        ("5/4 + 1/3", 0.75),
        ("0/4 + 1/3", 0.75),
        ("1/20 + 1/3", 0.75),
        ("1/4 - 2/3", 0.75),
        ("5/4 - 20/4", 0.25),
        ("1/4 + 1/3", 1.0),
    ],
)
def test_the_standard_wants_proper_fractions_unlike_denominators_and_a_positive_result(
    expression: str, standard: float
) -> None:
    assert _parts({**GOOD, "expression": expression})["standard"] == standard


def test_a_difference_must_be_taken_in_the_order_asked_for() -> None:
    assert _parts({**GOOD_SUBTRACT, "expression": "1/4 - 2/3"}, SUBTRACT)["requested"] == 0.75


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Here is a question for you!",
        "[]",
        "null",
        "{}",
        json.dumps(GOOD)[:-1],
        "```json\n" + json.dumps(GOOD) + "\n```",
        json.dumps(dict.fromkeys(GOOD)),
        json.dumps({name: [GOOD] for name in GOOD}),
        '{"question":' * 50_000,
    ],
)
def test_a_reply_that_cannot_be_read_earns_nothing_at_all(reply: str) -> None:
    assert _parts(reply) == dict.fromkeys(WEIGHTS, 0.0)


def test_the_note_names_the_parts_that_lost() -> None:
    reply = json.dumps({**GOOD, "common_denominator": 8})
    item = Item(id="frac-0001", cluster="denominators-3-4", inputs=ADD)
    assert score(item, reply).note == "lost on mathematics (0.67)"


@pytest.mark.parametrize(
    ("changes", "nearness"),
    [
        ({}, 1.0),
        ({"context": "running", "locale": "en-GB"}, 1.0),
        ({"first": "1/4", "second": "1/3"}, 1.0),
        ({"misconception_1": "keep-numerators", "misconception_2": "add-across"}, 1.0),
        ({"operation": "subtract"}, 0.8),
        ({"first": "2/5"}, 0.8),
        ({"misconception_1": "convert-one"}, 0.8),
        (
            {
                "operation": "subtract",
                "first": "2/5",
                "second": "1/6",
                "misconception_1": "x",
                "misconception_2": "y",
            },
            0.0,
        ),
    ],
)
def test_near_are_examples_with_the_same_operation_misconceptions_and_denominators(
    changes: dict[str, Json], nearness: float
) -> None:
    assert near(ADD, {**ADD, **changes}) == pytest.approx(nearness)
    assert near({**ADD, **changes}, ADD) == pytest.approx(nearness)
