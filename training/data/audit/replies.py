"""The replies to be learnt: machine-readable, free of contradiction, and now and then "I don't know"."""

from collections.abc import Iterator, Sequence

from harness import SchemaValidator, Task
from training.data.audit.finding import Finding, Severity, concerning, percent
from training.data.likeness import Reading, label_of
from training.data.mix import is_mixed_in
from training.example import Example
from training.refusals import is_refusal

FEWEST_REFUSALS, MOST_REFUSALS = 0.05, 0.15
"""The share of "I don't know" that is aimed at."""


def schema_validity(examples: Sequence[Example], task: Task | None) -> Iterator[Finding]:
    """Yield the replies that break the task's schema, in every assistant turn.

    What was mixed in from elsewhere is not the task's, and is held against nothing.
    """
    if task is None:
        said = "replies were held against no schema: name a task with --task"
        yield Finding(check="schema", severity=Severity.NOTE, said=said)
        return
    validator = SchemaValidator(task.schema)
    own = [example for example in examples if not is_mixed_in(example)]
    broken = {example.id: note for example in own if (note := _first_break(example, validator))}
    if broken:
        said = (
            f"replies break the schema of task {task.name}, {next(iter(broken.values()))}: mend or drop them"
        )
        of = (example for example in own if example.id in broken)
        yield concerning("schema", Severity.ERROR, said, whole=examples, of=of)
    else:
        said = f"the schema of task {task.name} accepts every reply of its own, {len(own)} of {len(examples)}"
        yield Finding(check="schema", severity=Severity.NOTE, said=said)


def conflicts(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield the questions that are asked twice and answered differently.

    Labels that differ contradict each other; prose that differs may only be worded differently.
    """
    by_prompt: dict[tuple[str, ...], list[Example]] = {}
    for example in examples:
        by_prompt.setdefault(Reading(example=example).exact[:-1], []).append(example)
    labelled, worded = [], []
    for twins in by_prompt.values():
        labels = {label_of(example.completion) for example in twins}
        replies = {Reading(example=example).exact[-1] for example in twins}
        if len(labels) > 1:
            labelled.extend(twins)
        elif labels == {None} and len(replies) > 1:
            worded.extend(twins)
    if labelled:
        said = "the same question has different labels: decide on one and drop the other"
        yield concerning("conflict", Severity.ERROR, said, whole=examples, of=labelled)
    if worded:
        said = "the same question has different answers in prose: read them, and drop those that contradict"
        yield concerning("conflict", Severity.WARNING, said, whole=examples, of=worded)


def refusals(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield the share of replies that say they do not know, against 5 to 15 %."""
    found = [example for example in examples if is_refusal(example.completion)]
    share = len(found) / len(examples)
    aim = f"{percent(FEWEST_REFUSALS)} to {percent(MOST_REFUSALS)}"
    if not found and all(label_of(example.completion) is not None for example in examples):
        said = "every reply is a label, and none says that it does not know: a task may have a label for that"
        yield Finding(check="refusals", severity=Severity.NOTE, said=said, share=0.0)
    elif share < FEWEST_REFUSALS:
        said = f"{percent(share)} of replies say that they do not know, {aim} teach when to: mix some in"
        yield concerning("refusals", Severity.WARNING, said, whole=examples, of=found)
    elif share > MOST_REFUSALS:
        said = f"{percent(share)} of replies say that they do not know, more than {aim}: drop some"
        yield concerning("refusals", Severity.WARNING, said, whole=examples, of=found)
    else:
        said = f"{percent(share)} of replies say that they do not know, as aimed at ({aim})"
        yield concerning("refusals", Severity.NOTE, said, whole=examples, of=found)


def _first_break(example: Example, validator: SchemaValidator) -> str:
    replies = [turn.content for turn in example.messages if turn.role == "assistant"]
    validities = (validator.validity(reply) for reply in replies)
    return next((each.note or "invalid" for each in validities if each.value < 1.0), "")
