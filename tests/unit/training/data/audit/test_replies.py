"""Replies are held against the schema, against each other, and against the share of "I don't know"."""

from collections.abc import Callable, Iterable

import pytest

from harness import Message, Role, Task
from training.data.audit.finding import Finding, Severity
from training.data.audit.replies import conflicts, refusals, schema_validity
from training.example import Example

Build = Callable[..., Example]
PROSE = "The answer depends on the weather, as you may well imagine."
UNKNOWING = "I don't know, the documents do not say."


def _one(findings: Iterable[Finding]) -> Finding:
    (found,) = findings
    return found


def test_without_a_task_the_schema_is_not_looked_at(an_example: Build) -> None:
    assert _one(schema_validity([an_example()], None)).severity is Severity.NOTE


def test_every_reply_that_breaks_the_schema_counts(a_task: Callable[..., Task], an_example: Build) -> None:
    found = _one(schema_validity([an_example(reply="3"), an_example(reply='"3"'), an_example()], a_task()))
    assert (found.severity, found.count, found.first) == (Severity.ERROR, 2, 2)
    assert "replies break the schema of task sums, at the top: '3' is not of type 'integer'" in found.said


def test_an_earlier_reply_that_breaks_the_schema_counts_too(
    a_task: Callable[..., Task], an_example: Build
) -> None:
    turns = (Role.USER, "a"), (Role.ASSISTANT, "no"), (Role.USER, "b"), (Role.ASSISTANT, "3")
    talk = an_example(messages=tuple(Message(role=role, content=text) for role, text in turns))
    assert _one(schema_validity([talk], a_task())).severity is Severity.ERROR


def test_what_was_mixed_in_is_held_against_no_schema(a_task: Callable[..., Task], an_example: Build) -> None:
    examples = [an_example(reply="3"), an_example(tags=("general",)), an_example(tags=("refusal",))]
    found = _one(schema_validity(examples, a_task()))
    assert (found.severity, found.said[-6:]) == (Severity.NOTE, "1 of 3")


@pytest.mark.parametrize(
    ("replies", "severity"),
    [
        (('{"a":1}', '{"a":2}'), Severity.ERROR),
        (("yes", "no"), Severity.ERROR),
        ((PROSE, "yes"), Severity.ERROR),
        ((PROSE, f"{PROSE} Truly."), Severity.WARNING),
        (('{"a":1}', '{ "a": 1 }'), None),
        ((PROSE, PROSE.upper()), None),
    ],
)
def test_one_question_with_two_answers_is_a_conflict(
    replies: tuple[str, str], severity: Severity | None, an_example: Build
) -> None:
    examples = [an_example("why", replies[0]), an_example("Why ", replies[1]), an_example("who", "no")]
    found = list(conflicts(examples))
    assert [(each.severity, each.count) for each in found] == ([] if severity is None else [(severity, 2)])


def test_another_system_turn_asks_another_question(an_example: Build) -> None:
    assert list(conflicts([an_example("why", "yes"), an_example("why", "no", system="Say no.")])) == []


@pytest.mark.parametrize(
    ("unknowing", "severity", "words"),
    [
        (0, Severity.WARNING, "0 % of replies"),
        (4, Severity.WARNING, "mix some in"),
        (5, Severity.NOTE, "as aimed at (5 % to 15 %)"),
        (15, Severity.NOTE, "as aimed at (5 % to 15 %)"),
        (16, Severity.WARNING, "drop some"),
    ],
)
def test_the_share_that_does_not_know_is_held_against_the_aim(
    unknowing: int, severity: Severity, words: str, an_example: Build
) -> None:
    replies = [UNKNOWING] * unknowing + [PROSE] * (100 - unknowing)
    found = _one(refusals([an_example(reply=reply) for reply in replies]))
    assert (found.severity, found.share) == (severity, unknowing / 100)
    assert words in found.said


def test_labels_that_cannot_say_it_are_only_noted(an_example: Build) -> None:
    assert _one(refusals([an_example(reply='{"a":1}'), an_example(reply="yes")])).severity is Severity.NOTE
