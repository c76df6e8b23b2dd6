"""What a checkpoint is asked, in the words it is asked and without labels."""

from collections.abc import Callable

from harness import Probe, Task
from training.data.evaluated import Evaluated, evaluated


def test_items_and_probe_questions_are_worded_as_a_model_is_asked(
    a_task: Callable[..., Task], a_probe: Callable[..., Probe]
) -> None:
    found = evaluated([a_task(items=1)], [a_probe(items=1)])
    assert [(each.subject, each.id, each.text) for each in found] == [
        ("sums", "i1", "What is 1 + 1?"),
        ("sciq", "p1", "Question 1:"),
    ]


def test_labels_are_left_out_of_the_bare_words() -> None:
    text = "A passage.\nQuestion: What is it?\nAnswer:"
    assert Evaluated(subject="sciq", id="1", text=text).bare == "A passage.\nWhat is it?"
    assert Evaluated(subject="piqa", id="1", text="Goal: fruit\nAnswer:").bare == "fruit"
