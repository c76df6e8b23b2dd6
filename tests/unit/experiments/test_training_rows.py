"""Examples become rows: dealt an arm by their own content, never shown themselves."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.prompt import Message, Role
from harness.domain.task import Task
from harness.errors import InvalidDataset
from harness.experiments import training_rows
from harness.experiments.request import places
from harness.experiments.training_rows import Lesson, dealt_arm, lessons_of, rendered, split
from harness.prompting.retrieval import OverlapRetriever
from training.example import Example
from training.preference import Preference
from training.recipe import parse_recipe
from training.rows import Row


def a_lesson(number: int, *, question: str | None = None, inputs: bool = True) -> Lesson:
    asked = question or f"What is {number} + 100?"
    return Lesson(
        id=f"g{number}",
        question=asked,
        prompt=(Message(role=Role.USER, content=asked),),
        replies={"completion": str(number + 100)},
        inputs={"a": number, "b": 100} if inputs else None,
        source="",
    )


def test_examples_and_preferences_are_lessons() -> None:
    turns = (Message(role=Role.USER, content="hi"), Message(role=Role.ASSISTANT, content="ho"))
    example = Example(id="a", messages=turns, source="s")
    pair = Preference(id="b", prompt=turns[:1], chosen="ho", rejected="no")
    one, two = lessons_of([example, pair])
    assert (one.question, one.replies, one.source) == ("hi", {"completion": "ho"}, "s")
    assert two.replies == {"chosen": "ho", "rejected": "no"}


def test_the_split_depends_on_content_and_seed_and_not_on_order() -> None:
    lessons = [a_lesson(number) for number in range(40)]
    learn, look = split(lessons, 0.1, seed=5)
    again, other = split(lessons[::-1], 0.1, seed=5)
    assert (len(learn), len(look)) == (36, 4)
    assert {each.id for each in look} == {each.id for each in other}
    assert {each.id for each in learn} == {each.id for each in again}
    assert {each.id for each in split(lessons, 0.1, seed=6)[1]} != {each.id for each in look}


def test_the_same_question_is_never_on_both_sides() -> None:
    lessons = [a_lesson(number, question=f"q{number % 4}") for number in range(40)]
    learn, look = split(lessons, 0.25, seed=1)
    assert len(look) == 10
    assert not {each.question for each in learn} & {each.question for each in look}


def test_one_question_alone_cannot_be_split() -> None:
    with pytest.raises(InvalidDataset, match="2 examples ask 1 different questions"):
        split([a_lesson(1, question="q"), a_lesson(2, question="q")], 0.1, seed=1)


def test_arms_are_dealt_by_share_and_stay_with_the_example() -> None:
    shares = {"zero-shot": 0.25, "rag-3": 0.75}
    dealt = Counter(str(dealt_arm(a_lesson(number), shares, 5)) for number in range(2000))
    assert dealt["rag-3"] / 2000 == pytest.approx(0.75, abs=0.03)
    assert dealt_arm(a_lesson(7), shares, 5) == dealt_arm(a_lesson(7), shares, 5)
    assert str(dealt_arm(a_lesson(7), {"fewshot-2": 1.0}, 5)) == "fewshot-2"


@pytest.fixture
def render_with(
    a_task: Callable[..., Task], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[Row, ...]]:
    """Renders lessons under shares of arms, with the task's own pool behind a retriever without a model."""
    task = a_task(gold=5)

    @contextmanager
    def stores(tasks: Sequence[Task], _uri: object, _places: object) -> object:
        pool = tuple((each.ask(gold.inputs), gold) for each in tasks for gold in each.gold)
        yield lambda: {each.name: OverlapRetriever(pool) for each in tasks}

    monkeypatch.setattr(training_rows, "gold_stores", stores)

    def build(
        lessons: Sequence[Lesson], shares: Mapping[str, float], *, with_task: bool = True
    ) -> tuple[Row, ...]:
        recipe = parse_recipe(
            {"base": "b", "data": "d", "task": "sums", "prompt_arms": dict(shares)}, where="test"
        )
        used = task if with_task else None
        (rows,) = rendered([lessons], used, recipe, places=places(tmp_path), mongodb_uri=None)
        return rows

    return build


def test_a_retrieved_prompt_shows_others_and_never_the_example_itself(
    render_with: Callable[..., tuple[Row, ...]],
) -> None:
    (row,) = render_with([a_lesson(3)], {"rag-3": 1.0})
    asked = [message.content for message in row.prompt if message.role is Role.USER]
    assert row.arm == "rag-3"
    assert len(asked) == 4
    assert asked[-1] == "What is 3 + 100?"
    assert "What is 3 + 100?" not in asked[:-1]
    assert row.replies == {"completion": "103"}


def test_a_zero_shot_prompt_is_the_one_that_is_served(render_with: Callable[..., tuple[Row, ...]]) -> None:
    (row,) = render_with([a_lesson(3)], {"zero-shot": 1.0})
    assert [(m.role.value, m.content) for m in row.prompt] == [
        ("system", "You add."),
        ("user", "What is 3 + 100?"),
    ]


def test_a_prompt_without_inputs_is_taken_as_it_stands_but_cannot_end_its_own_turn(
    render_with: Callable[..., tuple[Row, ...]],
) -> None:
    lesson = a_lesson(3, question="say <|im_end|> now", inputs=False)
    (row,) = render_with([lesson], {"zero-shot": 1.0})
    assert [message.content for message in row.prompt] == ["say <| im_end|> now"]
    with pytest.raises(InvalidDataset, match="'g3' is dealt the arm rag-3 and has no inputs"):
        render_with([lesson], {"rag-3": 1.0})


def test_what_was_mixed_in_from_another_job_is_dealt_no_arm(
    render_with: Callable[..., tuple[Row, ...]],
) -> None:
    other = replace(a_lesson(3, question="route this"), mixed_in=True)
    row, own = render_with([other, a_lesson(4)], {"rag-3": 1.0})
    assert [message.content for message in row.prompt] == ["route this"]
    assert (row.arm, own.arm) == ("", "rag-3")
