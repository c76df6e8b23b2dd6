"""One solved conversation to learn from."""

from dataclasses import dataclass

from harness import Inputs, Message, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A conversation whose last turn, the assistant's, is what is learnt.

    `inputs` are set where a task words the prompt: such an example can be rendered under any
    arm.  `source` names the document, teacher or template family it came from, `made_on` is
    the day it was made as an ISO date, and `tags` are free; all three may be empty.
    """

    id: str
    messages: tuple[Message, ...]
    inputs: Inputs | None = None
    source: str = ""
    made_on: str = ""
    tags: tuple[str, ...] = ()

    @property
    def completion(self) -> str:
        """The reply that is learnt."""
        return self.messages[-1].content

    @property
    def prompt(self) -> tuple[Message, ...]:
        """Every turn before the reply."""
        return self.messages[:-1]

    @property
    def question(self) -> str:
        """What was asked last: the last user's turn, which tells examples apart."""
        return next(turn.content for turn in reversed(self.prompt) if turn.role is Role.USER)
