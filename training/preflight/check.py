"""One question of the checklist and its answer."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """Only YES lets training go ahead."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question, its answer with the reason, and what to do where it is not yes.

    `command` is what to type for that, empty where no command does it.
    """

    name: str
    answer: Answer
    reason: str
    to_do: str = ""
    command: str = ""


def yes(name: str, reason: str) -> Check:
    """Return a question that is answered well."""
    return Check(name=name, answer=Answer.YES, reason=reason)


def no(name: str, reason: str, to_do: str, command: str = "") -> Check:
    """Return a question that is answered, and not well."""
    return Check(name=name, answer=Answer.NO, reason=reason, to_do=to_do, command=command)


def unknown(name: str, reason: str, to_do: str, command: str = "") -> Check:
    """Return a question that could not be answered."""
    return Check(name=name, answer=Answer.UNKNOWN, reason=reason, to_do=to_do, command=command)
