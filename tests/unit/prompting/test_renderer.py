import dataclasses
import json
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.arm import parse_arm
from harness.domain.prompt import Message, Prompt, Role
from harness.domain.task import Task
from harness.errors import UsageError
from harness.prompting.render import prompt_digest, render
from harness.prompting.renderer import Renderer

Tasks = Callable[..., Task]


def still() -> float:
    return 0.0


@pytest.mark.parametrize("arm", ["zero-shot", "fewshot-2", "context-5", "oracle-context"])
def test_what_is_shared_is_what_would_have_been_rendered_alone(a_task: Tasks, arm: str) -> None:
    plain = a_task(items=4)
    told = tuple(dataclasses.replace(item, oracle=f"Think of {item.id}.") for item in plain.items)
    task = dataclasses.replace(plain, items=told)
    renderer = Renderer(task, parse_arm(arm))
    for item in task.items:
        prompt, digest = renderer.rendered(item, retriever=None, clock=still)
        assert prompt == render(task, item, parse_arm(arm), retriever=None, clock=still)
        assert digest == prompt_digest(prompt)


@pytest.mark.parametrize("twin", ["id", "inputs"])
def test_an_item_that_is_an_example_is_not_shown_itself(a_task: Tasks, twin: str) -> None:
    task = a_task(items=1, gold=5)
    arm = parse_arm("fewshot-4")
    shown = render(task, task.items[0], arm, retriever=None, clock=still).example_ids
    example = next(each for each in task.gold if each.id == shown[0])
    item = dataclasses.replace(task.items[0], **{twin: getattr(example, twin)})
    prompt, digest = Renderer(task, arm).rendered(item, retriever=None, clock=still)
    assert example.id not in prompt.example_ids
    assert prompt == render(task, item, arm, retriever=None, clock=still)
    assert digest == prompt_digest(prompt)


def test_a_pool_that_is_too_small_is_told_with_the_first_item(a_task: Tasks) -> None:
    task = a_task(gold=2)
    renderer = Renderer(task, parse_arm("fewshot-3"))
    with pytest.raises(UsageError, match="wants 3 gold examples and task sums has 2 to give"):
        renderer.rendered(task.items[0], retriever=None, clock=still)


@given(st.lists(st.tuples(st.sampled_from(Role), st.text()), max_size=4))
def test_a_digest_is_that_of_the_messages_as_json(turns: list[tuple[Role, str]]) -> None:
    prompt = Prompt(messages=tuple(Message(role=role, content=content) for role, content in turns))
    spelled = json.dumps([[role, content] for role, content in turns])
    assert prompt_digest(prompt) == sha256(spelled.encode()).hexdigest()
