"""A prompting condition: how many examples a prompt carries and who picks them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from harness.errors import UnknownArm

_PATTERN = re.compile(r"(fewshot|rag|context)-([1-9][0-9]{0,3})")
_CONSTRAINED = "-constrained"


class ArmKind(StrEnum):
    """Who picks the examples, or that the item's own perfect paragraph stands in their place."""

    ZERO_SHOT = "zero-shot"
    FEW_SHOT = "fewshot"
    RAG = "rag"
    CONTEXT = "context"
    ORACLE = "oracle-context"


_WITHOUT_EXAMPLES = (ArmKind.ZERO_SHOT, ArmKind.ORACLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """`zero-shot`, `fewshot-K` (fixed), `rag-K` (retrieved), `context-K` (massive) or `oracle-context`.

    The last shows no example, but the paragraph that answers the item: what perfect retrieval would.
    With `constrained` the server decodes inside the task's schema; the name then ends in that word.
    """

    kind: ArmKind
    examples: int = 0
    constrained: bool = False

    def __str__(self) -> str:
        """The name users type."""
        prompt = str(self.kind) if self.kind in _WITHOUT_EXAMPLES else f"{self.kind}-{self.examples}"
        return f"{prompt}{_CONSTRAINED}" if self.constrained else prompt


def parse_arm(text: str) -> Arm:
    """Return the arm called `text`; raise `UnknownArm` for any other word."""
    prompt, constrained = text.removesuffix(_CONSTRAINED), text.endswith(_CONSTRAINED)
    if prompt in _WITHOUT_EXAMPLES:
        return Arm(kind=ArmKind(prompt), constrained=constrained)
    match = _PATTERN.fullmatch(prompt)
    if match is None:
        raise UnknownArm(
            f"unknown arm {text!r}: use zero-shot, fewshot-K, rag-K or context-K with K of 1 or more, "
            "for example rag-3, or oracle-context; each may end in -constrained"
        )
    return Arm(kind=ArmKind(match[1]), examples=int(match[2]), constrained=constrained)
