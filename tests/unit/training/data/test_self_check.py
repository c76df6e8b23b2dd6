"""What of a teacher's words can be used."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Item, Score, Task, load_task
from training.data.self_check import SelfCheck, Unfit

TASKS = Path(__file__).parents[4] / "suites" / "tasks"
TICKET = '{"category":"refund","priority":"normal","product":null,"order_id":null}'


@pytest.fixture(scope="module")
def tickets() -> SelfCheck:
    return SelfCheck(load_task(TASKS / "tickets"), min_score=0.9)


@pytest.fixture(scope="module")
def fractions() -> SelfCheck:
    return SelfCheck(load_task(TASKS / "fractions"), min_score=0.9)


@pytest.mark.parametrize(
    "text",
    [
        '{"message": "hello"}',
        ' ```json\n{"message": "hello"}\n``` ',
        '<think>\nWell, {"message": "no"}\n</think>\n\n{"message": "hello"}',
        '<think></think>```\n{"message": "hello"}\n```',
    ],
)
def test_a_new_question_is_taken_out_of_its_code_fence_and_from_behind_a_thought(
    text: str, tickets: SelfCheck
) -> None:
    assert tickets.inputs(text) == {"message": "hello"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "not JSON at character 0"),
        ("[]", "is not of type 'object'"),
        ('{"message": ""}', "at message"),
        ('{"message": "?!"}', "it asks nothing"),
        ('{"message": "a", "message": "b"}', "given twice"),
        ('{"message": "\\ud800"}', "half a surrogate pair"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_question_is_unfit_with_the_reason(text: str, reason: str, tickets: SelfCheck) -> None:
    with pytest.raises(Unfit, match=reason) as unfit:
        tickets.inputs(text)
    assert unfit.value.check == "question"


def test_a_question_of_an_item_is_never_trained_on_and_one_of_a_gold_example_is_not_new() -> None:
    task = load_task(TASKS / "tickets")
    check = SelfCheck(task, min_score=0.9)
    asked, known = str(task.items[0].inputs["message"]), dict(task.gold[0].inputs)
    with pytest.raises(Unfit, match="an item of the task asks the same"):
        check.inputs(json.dumps({"message": f"{asked.upper()}!!"}))
    with pytest.raises(Unfit, match="an item of the task asks the same"):
        check.given(dict(task.items[0].inputs))
    assert check.given(known) == known


def test_a_scorer_that_needs_its_reference_is_not_asked(tickets: SelfCheck) -> None:
    assert not tickets.scores_alone
    assert tickets.reply({"message": "m"}, TICKET.replace(",", ", ")) == (TICKET, None)
    with pytest.raises(Unfit, match="not-one"):
        tickets.reply({"message": "m"}, TICKET.replace("refund", "not-one"))


def test_a_scorer_that_needs_none_marks_the_reply(fractions: SelfCheck) -> None:
    task = load_task(TASKS / "fractions")
    gold = task.gold[0]
    assert fractions.scores_alone
    assert fractions.reply(gold.inputs, gold.output) == (gold.output, 1.0)
    with pytest.raises(Unfit, match="the task's own scorer gives") as unfit:
        fractions.reply(task.gold[1].inputs, gold.output)
    assert unfit.value.check == "score"


def test_a_scorer_that_raises_on_new_inputs_makes_them_unfit(a_task: Callable[..., Task]) -> None:
    def score(item: Item, reply: str) -> Score:
        if item.inputs["a"] == 77:
            raise ZeroDivisionError("77")
        return Score(value=float(bool(reply)))

    check = SelfCheck(replace(a_task(), score=score), min_score=0.9)
    assert check.reply({"a": 5, "b": 100}, "105") == ("105", 1.0)
    with pytest.raises(Unfit, match=r"score\(\) raised ZeroDivisionError: 77"):
        check.reply({"a": 77, "b": 100}, "177")
    with pytest.raises(Unfit, match=r"ask\(\) raised KeyError"):
        check.question({"a": 5})


def test_a_task_without_gold_is_never_taken_to_score_alone(a_task: Callable[..., Task]) -> None:
    assert not SelfCheck(a_task(gold=0), min_score=0.9).scores_alone


def test_two_replies_agree_when_they_say_the_same(tickets: SelfCheck) -> None:
    turned = '{"order_id":null,"product":null,"priority":"normal","category":"refund"}'
    tickets.agree(TICKET, f"```\n{turned}\n```")
    with pytest.raises(Unfit, match="asked again, the teacher says"):
        tickets.agree(TICKET, turned.replace("normal", "high"))
    with pytest.raises(Unfit, match="not JSON"):
        tickets.agree(TICKET, "the same")


@pytest.mark.parametrize(
    "text", ["8", "ten", '{"score": 8}', '{"score": 11, "reason": ""}', '{"score": 8.5, "reason": "x"}']
)
def test_a_critic_that_gives_no_verdict_keeps_nothing(text: str, tickets: SelfCheck) -> None:
    with pytest.raises(Unfit) as unfit:
        tickets.verdict(text)
    assert unfit.value.check == "critic"


def test_a_critics_verdict_is_read(tickets: SelfCheck) -> None:
    assert tickets.verdict('```json\n{"score": 8, "reason": "fine"}\n```') == (8, "fine")
