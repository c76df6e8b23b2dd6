"""A solved conversation as it is put to a model: the prompt, and the reply that is learnt."""

from dataclasses import dataclass

from harness import Message, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A prompt as an arm renders it, and the reply to it; `arm` is the arm's name."""

    id: str
    arm: str
    prompt: tuple[Message, ...]
    completion: str

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every turn, the reply included."""
        return (*self.prompt, Message(role=Role.ASSISTANT, content=self.completion))
