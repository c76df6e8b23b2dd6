"""What task, data and people must say before training."""

import shlex
from collections.abc import Iterator

from training.preflight.check import Check, no, unknown, yes
from training.preflight.facts import AuditSeen, Data, Facts, Motivation, ReviewSeen
from training.preflight.measured import FEWEST_ITEMS

FEW_EXAMPLES = 200

_FEWEST_READ = 50
_LEAST_ACCEPTED = 0.95


def evaluation_set(facts: Facts) -> Check:
    """Return whether there are enough items to judge by."""
    name, items = "evaluation set", facts.evaluation_items
    if items is None:
        return unknown(name, "the task's items were not read", "Name a task with --task")
    if items < FEWEST_ITEMS:
        return no(
            name,
            f"{items} items, and {FEWEST_ITEMS} are needed",
            f"Add {FEWEST_ITEMS - items} items to {facts.task_folder}/items.jsonl, none of them trained on",
        )
    return yes(name, f"{items} items")


def labels_stable(facts: Facts) -> Check:
    """Return whether schema and labels have stood still for long enough."""
    name, labels = "stable labels", facts.labels
    if labels is None:
        return unknown(
            name, "nothing tells when schema or labels last changed", "Keep the task folder under git"
        )
    age = (facts.today - labels.on).days
    told = f"schema and labels last changed on {labels.on} ({labels.told_by}), {age} days ago"
    if age < facts.stable_days:
        return no(
            name,
            f"{told}, and {facts.stable_days} are asked",
            "Wait until people agree on what a good reply is, or say with --stable-days what is long enough",
        )
    return yes(name, told)


def audited(facts: Facts) -> Check:
    """Return whether these very examples were audited, with nothing found that forbids training."""
    name, audit = "audited data", facts.audit
    reader = facts.intent.owner.strip() or "NAME"
    command = _data_command(facts, "audit", "--base", facts.base, "--read-by", reader, "--out", "audit.json")
    if audit is None or facts.data is None:
        return no(name, "no audit is given", "Audit the data and give its report with --audit", command)
    if not _is_of(audit, facts.data):
        return no(name, "the audit is of other examples", "Audit the data as it is now", command)
    if audit.findings is None:
        return unknown(name, "the audit does not say what it found", "Audit the data again", command)
    if audit.forbidding:
        told = f"{audit.forbidding} of {audit.findings} findings have to be mended"
        return no(name, told, "Mend what the audit found and audit again", command)
    if not audit.read_by.strip():
        return no(name, "nobody says to have read the audit", "Read the audit and say who did", command)
    return yes(name, f"{audit.findings} findings, none to be mended first, read by {audit.read_by}")


def read(facts: Facts) -> Check:
    """Return whether a person read a sample of these very examples and accepted nearly all."""
    name, review, data = "data that was read", facts.review, facts.data
    command = _data_command(
        facts, "review", "--reviewer", facts.intent.owner.strip() or "NAME", "--out", "review.json"
    )
    if review is None or data is None:
        return no(name, "no review is given", "Read a sample and give what came of it with --review", command)
    if not _is_of(review, data):
        return no(name, "the review is of other examples", "Review the data as it is now", command)
    enough = min(_FEWEST_READ, data.examples)
    if review.read is None or review.accepted_share is None:
        return unknown(name, "the review does not say how many were accepted", "Review again", command)
    told = f"{review.reviewer or 'somebody'} accepted {review.accepted_share:.0%} of {review.read} read"
    if review.read < max(1, enough):
        return no(name, f"{told}, and {enough} must be read", "Read more of them", command)
    if review.accepted_share < _LEAST_ACCEPTED:
        return no(
            name, f"{told}, and {_LEAST_ACCEPTED:.0%} are needed", "Mend the data and review it", command
        )
    return yes(name, told)


def held_out(facts: Facts) -> Check:
    """Return whether no evaluation item is among the training examples."""
    name, data = "held-out items", facts.data
    if data is None or data.overlapping is None or not facts.evaluation_items:
        return unknown(name, "items and examples were not compared", "Give a task and training data")
    if data.overlapping:
        shown = ", ".join(data.overlapping[:3])
        command = _data_command(facts, "decontaminate", "--tasks", facts.task, "--out", "clean.jsonl")
        share = f"{len(data.overlapping)} of {facts.evaluation_items} items"
        told = f"{share} are in the training data, first {shown}"
        return no(name, told, "Take them out of the training data", command)
    return yes(name, f"none of {facts.evaluation_items} items is among {data.examples} examples")


def motivated(facts: Facts) -> Check:
    """Return whether the reason to train is one that training serves."""
    known = ", ".join(Motivation)
    if facts.intent.motivation is None:
        return unknown("motivation", "none is named", f"Name one with --motivation: {known}")
    return yes("motivation", str(facts.intent.motivation))


def owned(facts: Facts) -> Check:
    """Return whether somebody answers for the checkpoint."""
    owner = facts.intent.owner.strip()
    if not owner:
        return unknown("owner", "nobody is named", "Name who answers for the checkpoint with --owner")
    return yes("owner", owner)


def remarks(facts: Facts) -> Iterator[str]:
    """Yield what forbids nothing and should be known: a small data set, conversations bound to one arm."""
    if facts.data is None:
        return
    if facts.data.examples < FEW_EXAMPLES:
        yield (
            f"Only {facts.data.examples} examples: under {FEW_EXAMPLES} a model learns a form and little "
            "else, and one bad example shows; write more, or see weighbridge data synthesize."
        )
    if not facts.data.have_inputs:
        yield (
            "Not all examples hold inputs, so the task cannot word them under other arms: the checkpoint is "
            "trained for zero-shot prompts only and will fail under others."
        )


def _is_of(seen: AuditSeen | ReviewSeen, data: Data) -> bool:
    return seen.data_digest is not None and seen.data_digest == data.digest


def _data_command(facts: Facts, verb: str, *options: str) -> str:
    path = facts.data.path if facts.data else "train.jsonl"
    task = ["--task", facts.task] if facts.data is None or facts.data.have_inputs else []
    return shlex.join(["weighbridge", "data", verb, path, *task, *options])
