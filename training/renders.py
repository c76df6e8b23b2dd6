"""The tokens of conversations, as training renders them and as a server does, compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import Message, UnknownCheckpoint
from training.conversation import Conversation

Ids = tuple[int, ...]
"""Token ids in their order."""

_CONTEXT_TOKENS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The token ids of one conversation: those before the reply, and all of them."""

    prompt: Ids
    whole: Ids

    @property
    def start(self) -> int:
        """Where the reply begins: at the first token that the prompt does not foretell."""
        return difference(self.prompt, self.whole[: len(self.prompt)]) or len(self.prompt)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDifference:
    """The first token in which two renders of a conversation differ.

    `position` counts from 0; `trained` and `served` are the tokens there as text, empty where
    a render has ended; `before` is the text in front of them, which both have.
    """

    conversation: str
    arm: str
    position: int
    trained: str
    served: str
    before: str

    def __str__(self) -> str:
        """Return the difference as half a sentence, with its context."""
        trained, served = (repr(text) if text else "its end" for text in (self.trained, self.served))
        return (
            f"in conversation {self.conversation} ({self.arm}), after {self.before!r}, token {self.position} "
            f"is {trained} as trained and {served} as served"
        )


class TrainingRender:
    """Renders conversations as training does: through the tokenizer and template of a folder."""

    def __init__(self, folder: Path) -> None:
        """Load the tokenizer; raise `UnknownCheckpoint` for a folder without one, or without a template."""
        from transformers import AutoTokenizer

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError) as error:
            raise UnknownCheckpoint(
                f"the tokenizer in {folder} cannot be loaded ({_first_line(error)}): copy the base again"
            ) from error
        if self._tokenizer.chat_template is None:
            raise UnknownCheckpoint(
                f"the tokenizer in {folder} has no chat template, so prompts cannot be rendered as trained: "
                "put the chat_template.jinja it was trained with beside it"
            )

    def tokens(self, conversation: Conversation) -> Tokens:
        """Return the token ids of a conversation."""
        return Tokens(
            prompt=self.ids(conversation.prompt, ask=True),
            whole=self.ids(conversation.messages, ask=False),
        )

    def ids(self, messages: Sequence[Message], ask: bool) -> Ids:  # noqa: FBT001 - as a server is asked
        """Return the token ids of messages; with `ask`, a reply is begun."""
        turns = [{"role": str(turn.role), "content": turn.content} for turn in messages]
        rendered = self._tokenizer.apply_chat_template(turns, add_generation_prompt=ask, return_dict=True)
        return tuple(rendered["input_ids"])

    def compare(self, conversation: Conversation, trained: Ids, served: Ids) -> TokenDifference | None:
        """Return the first token in which a server's render differs, None when there is none."""
        at = difference(trained, served)
        if at is None:
            return None
        return TokenDifference(
            conversation=conversation.id,
            arm=conversation.arm,
            position=at,
            trained=self._text(trained[at : at + 1]),
            served=self._text(served[at : at + 1]),
            before=self._text(trained[max(0, at - _CONTEXT_TOKENS) : at]),
        )

    def _text(self, ids: Ids) -> str:
        known = [token for token in ids if token < len(self._tokenizer)]
        unknown = "".join(f"<token {token}>" for token in ids if token not in known)
        return str(self._tokenizer.decode(known)) + unknown


def difference(one: Sequence[int], other: Sequence[int]) -> int | None:
    """Return the first position at which two sequences differ, None when they are equal.

    Where one is the beginning of the other, that is the length of the shorter.
    """
    paired = zip(one, other, strict=False)
    differing = (at for at, (left, right) in enumerate(paired) if left != right)
    ended = None if len(one) == len(other) else min(len(one), len(other))
    return next(differing, ended)


Served = Callable[[Sequence[Message], bool], Ids]
"""Gives a server's token ids of messages, with the beginning of a reply or without."""


def compare_renders(
    render: TrainingRender, conversations: Sequence[Conversation], served: Served
) -> TokenDifference | None:
    """Return the first token that a server renders otherwise than training did, None when none is.

    Of each conversation the prompt and the whole are compared.
    """
    for each in conversations:
        trained = render.tokens(each)
        for ids, theirs in (
            (trained.prompt, served(each.prompt, True)),  # noqa: FBT003 - a callable's positions
            (trained.whole, served(each.messages, False)),  # noqa: FBT003
        ):
            found = render.compare(each, ids, theirs)
            if found is not None:
                return found
    return None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
