"""Builders of training examples."""

from collections.abc import Callable
from itertools import count

import pytest

from harness import Message, Role
from training.example import Example


@pytest.fixture
def an_example() -> Callable[..., Example]:
    """Makes an example of a question and a reply; ids count up from e1."""
    numbers = count(1)

    def build(
        question: str = "What is it?", reply: str = "It is a cat.", *, system: str = "", **fields: object
    ) -> Example:
        spoken = (Message(role=Role.USER, content=question), Message(role=Role.ASSISTANT, content=reply))
        told = (Message(role=Role.SYSTEM, content=system),) if system else ()
        known = {"id": f"e{next(numbers)}", "messages": (*told, *spoken)}
        return Example(**{**known, **fields})  # type: ignore[arg-type]

    return build
