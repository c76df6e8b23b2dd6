"""Item + Arm -> Prompt."""

import hashlib
import json
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring_ascii as quoted
from typing import Protocol

import msgspec

from harness.domain.arm import Arm, ArmKind
from harness.domain.prompt import ChoicePrompt, Message, Prompt, Role
from harness.domain.task import ChoiceItem, GoldExample, Inputs, Item, Task
from harness.errors import InvalidTask, UsageError
from harness.prompting.examples import pick_examples
from harness.prompting.neutralise import neutralise
from harness.prompting.retrieval import Retriever


class Hash(Protocol):
    """What `hashlib` makes: a hash that can be gone on with and copied."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        ...

    def copy(self) -> "Hash":
        """Return one to go on with apart from this."""
        ...

    def hexdigest(self) -> str:
        """Return the digest of all bytes taken."""
        ...


def render(
    task: Task, item: Item, arm: Arm, *, retriever: Retriever | None, clock: Callable[[], float]
) -> Prompt:
    """Return the chat for `item` under `arm`: system, solved examples as turns, then the question.

    `clock` gives monotonic seconds; the time spent picking examples is kept in
    `retrieval_s` because a user waits for it.
    """
    began_s = clock()
    examples = pick_examples(task, item, arm, retriever)
    retrieval_s = clock() - began_s if examples else 0.0
    return Prompt(
        messages=(*beginning(task, examples), _question(task, item, arm)),
        example_ids=tuple(example.id for example in examples),
        retrieval_s=retrieval_s,
    )


def require_oracle(task: Task, items: Iterable[Item]) -> None:
    """Return nothing; raise `UsageError` for an item without the paragraph that oracle-context shows."""
    lacking = [item.id for item in items if not item.oracle.strip()]
    if lacking:
        raise UsageError(
            f"arm oracle-context shows each item its perfect paragraph, and item {lacking[0]!r} of task "
            f"{task.name} has none: give every item of items.jsonl an oracle, or leave the arm out"
        )


def beginning(task: Task, examples: Iterable[GoldExample]) -> tuple[Message, ...]:
    """Return what stands before the question: the system's message, then the solved examples."""
    turns = [turn for example in examples for turn in _solved(task, example)]
    return (Message(role=Role.SYSTEM, content=task.system), *turns)


def asked(task: Task, name: str, inputs: Inputs) -> Message:
    """Return the user's message in the words of the task's own code, whose faults are the task's."""
    try:
        words = neutralise(task.ask(inputs))
    except Exception as error:
        raise InvalidTask(
            f"ask() of task {task.name} raised {type(error).__name__}: {error} on the inputs of {name}; "
            "mend task.py so that it words every item and gold example"
        ) from error
    return Message(role=Role.USER, content=words)


def render_choice(item: ChoiceItem) -> ChoicePrompt:
    """Return the context and continuations of a probe's item."""
    return ChoicePrompt(context=item.context, continuations=item.continuations)


def prompt_digest(prompt: Prompt | ChoicePrompt) -> str:
    """Return the hex sha256 of exactly what a model is shown."""
    if isinstance(prompt, Prompt):
        spelled = ", ".join(map(_spelled, prompt.messages))
        return hashlib.sha256(f"[{spelled}]".encode()).hexdigest()
    shown = [prompt.context, list(prompt.continuations)]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=True).encode()).hexdigest()


def digest_so_far(messages: Iterable[Message]) -> Hash:
    """Return the hash of a prompt's beginning, for `digest_of` to go on from."""
    return hashlib.sha256(("[" + "".join(f"{_spelled(message)}, " for message in messages)).encode())


def digest_of(begun: Hash, last: Message) -> str:
    """Return the digest of the prompt that begins as hashed and ends in `last`."""
    whole = begun.copy()
    whole.update(f"{_spelled(last)}]".encode())
    return whole.hexdigest()


def unshared(prompt: Prompt, name: str) -> Prompt:
    """Return `prompt` behind a first line that no other prompt has, derived from `name`.

    Waiting time is measured on prompts that no server can answer from its prefix cache.
    """
    first, *rest = prompt.messages
    line = hashlib.sha256(name.encode()).hexdigest()[:12]
    apart = Message(role=first.role, content=f"[{line}]\n{first.content}")
    return msgspec.structs.replace(prompt, messages=(apart, *rest))


def _question(task: Task, item: Item, arm: Arm) -> Message:
    """The item's question, with its perfect paragraph before it where the arm shows that."""
    question = asked(task, item.id, item.inputs)
    if arm.kind is not ArmKind.ORACLE:
        return question
    require_oracle(task, (item,))
    return Message(role=question.role, content=f"{neutralise(item.oracle)}\n\n{question.content}")


def _solved(task: Task, example: GoldExample) -> tuple[Message, Message]:
    return (
        asked(task, example.id, example.inputs),
        Message(role=Role.ASSISTANT, content=neutralise(example.output)),
    )


def _spelled(message: Message) -> str:
    """A message as `json.dumps` spells it, at a fifth of the price."""
    return f'["{message.role._value_}", {quoted(message.content)}]'
