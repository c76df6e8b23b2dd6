"""What a teacher is asked."""

from collections.abc import Callable

from harness import Task
from training.data.documents import Document
from training.data.input_shape import input_shape
from training.data.teaching import critic_request, lesson, question_request, reply_request

PERSONAS = ("a nurse", "a pilot")
DOCUMENTS = (Document(id="d1", text="Sums are even."), Document(id="d2", text="Sums are odd."))


def test_a_lesson_is_the_same_each_time_and_unlike_its_neighbours(a_task: Callable[..., Task]) -> None:
    task = a_task(gold=30)
    lessons = [lesson(number, task, PERSONAS, DOCUMENTS, seed=1) for number in range(40)]
    assert lessons == [lesson(number, task, PERSONAS, DOCUMENTS, seed=1) for number in range(40)]
    assert {each.character for each in lessons} == set(PERSONAS)
    assert {each.document for each in lessons} == set(DOCUMENTS)
    assert len({str(each.patterns) for each in lessons}) > 30
    assert lessons[0].patterns != lesson(0, task, PERSONAS, DOCUMENTS, seed=2).patterns


def test_a_lesson_needs_neither_persona_nor_passage(a_task: Callable[..., Task]) -> None:
    task = a_task()
    plain = lesson(0, task, (), (), seed=0)
    assert (plain.persona, plain.document) == (0, None)
    asked = question_request(task, plain, input_shape([each.inputs for each in task.gold]))
    assert "Passage" not in asked[-1].content
    assert "person" not in asked[-1].content


def test_gold_examples_are_shown_and_items_never(a_task: Callable[..., Task]) -> None:
    task = a_task(items=3, gold=3)
    given = lesson(0, task, PERSONAS, DOCUMENTS, seed=0)
    shape = input_shape([each.inputs for each in task.gold])
    inputs = {"a": 2, "b": 100}
    requests = [
        question_request(task, given, shape),
        reply_request(task, given, inputs),
        critic_request(task, given, inputs, "102"),
    ]
    for request in requests:
        whole = "\n".join(turn.content for turn in request)
        assert given.document is not None
        assert given.document.text in whole
        assert not any(task.ask(item.inputs) in whole for item in task.items)
    assert [turn.role.value for turn in requests[1]] == ["system", *["user", "assistant"] * 2, "user"]
    assert "102" not in "\n".join(turn.content for turn in requests[1])
