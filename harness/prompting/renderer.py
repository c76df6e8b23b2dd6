"""Renders many items of one task under one arm: what their prompts share is made once.

Sixty examples in front of every question are worded, put in order and hashed a single
time.  Shared beginnings are the same bytes in every prompt, so a server's prefix cache
meets them too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from harness.domain.arm import Arm, ArmKind
from harness.domain.prompt import Message, Prompt
from harness.domain.task import GoldExample, Item, Task
from harness.errors import UsageError
from harness.prompting.examples import fixed_examples
from harness.prompting.render import Hash, asked, beginning, digest_of, digest_so_far, prompt_digest, render
from harness.prompting.retrieval import Retriever


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """The beginning of every prompt: its messages, its examples, and the hash up to there."""

    messages: tuple[Message, ...]
    examples: tuple[GoldExample, ...]
    example_ids: tuple[str, ...]
    digest: Hash

    def suits(self, item: Item) -> bool:
        """Whether the item may see these examples: none of them is the item itself."""
        return not self.examples or all(
            example.id != item.id and example.inputs != item.inputs for example in self.examples
        )


class Renderer:
    """Gives the prompt of an item and its digest, each as `render` and `prompt_digest` give it."""

    def __init__(self, task: Task, arm: Arm) -> None:
        """Take what all prompts have in common; nothing is rendered yet."""
        self._task = task
        self._arm = arm
        self._shared: _Shared | None = None
        self.retrieves = arm.kind is ArmKind.RAG
        """Whether examples are looked up for every item, which takes time."""

    def rendered(
        self, item: Item, *, retriever: Retriever | None, clock: Callable[[], float]
    ) -> tuple[Prompt, str]:
        """Return the prompt of `item` and its digest; raises what `render` raises."""
        if not self.retrieves and self._arm.kind is not ArmKind.ORACLE:
            shared = self._shared or self._begin()
            if shared is not None and shared.suits(item):
                return self._continued(shared, item)
        prompt = render(self._task, item, self._arm, retriever=retriever, clock=clock)
        return prompt, prompt_digest(prompt)

    def _continued(self, shared: _Shared, item: Item) -> tuple[Prompt, str]:
        question = asked(self._task, item.id, item.inputs)
        prompt = Prompt(messages=(*shared.messages, question), example_ids=shared.example_ids)
        return prompt, digest_of(shared.digest, question)

    def _begin(self) -> _Shared | None:
        """Make the beginning, unless the pool is too small: then `render` says so."""
        try:
            examples = fixed_examples(self._task, self._arm)
        except UsageError:
            return None
        messages = beginning(self._task, examples)
        self._shared = _Shared(
            messages=messages,
            examples=examples,
            example_ids=tuple(example.id for example in examples),
            digest=digest_so_far(messages),
        )
        return self._shared
