"""The section on evaluation of a Hugging Face model card, and the results that the hub reads.

Of a card that is there already, only what stands between the marks is replaced, and of its
results only those that this module wrote before.
"""

import re
from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING, cast

from harness import RunKind, RunSpec, Side, UsageError
from reports.gate.markdown import escaped, fenced, summary
from reports.gate.means import Mean, means
from reports.gate.record import GateRecord
from reports.plain_text import harmless

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCardData

_BEGIN = "<!-- weighbridge: what stands up to the next mark is written by `weighbridge publish` -->"
_END = "<!-- weighbridge: end -->"
_MARKS = tuple(re.compile(rf"^{re.escape(mark)}\r?$", re.MULTILINE) for mark in (_BEGIN, _END))
"""A mark is a line of its own, which no line of a section can be made to be."""
_HEADER, _TITLE = "---\n{}\n---\n\n", "# Model card\n"
_OURS = "weighbridge"
_METRICS = {"target": "target score", "schema": "schema validity", "choice": "accuracy"}


def model_card(record: GateRecord, text: str, *, name: str) -> str:
    """Return the card `text` with the section and the results of a gate; an empty text begins a card.

    `name` is what the model is called where the card does not say.  Raises `UsageError` for a
    card whose header or marks cannot be read.
    """
    from huggingface_hub import ModelCard
    from yaml import YAMLError

    try:
        card = ModelCard(text if text.lstrip().startswith("---") else f"{_HEADER}{text or _TITLE}")
    except (ValueError, KeyError, TypeError, YAMLError) as error:
        said = harmless(" ".join(str(error).split()), longest=200)
        raise UsageError(
            f"the header of the model card cannot be read ({said}): mend the YAML between its first two ---"
        ) from error
    data = cast("ModelCardData", card.data)
    others = [each for each in data.eval_results or [] if not _is_ours(each)]
    data.model_name = data.model_name or name
    data.eval_results = others + list(_results(record))
    card.text = _with_section(card.text, section(record))
    return str(card)


def section(record: GateRecord) -> str:
    """Return the section between its marks: verdict, intervals, and how to reproduce both."""
    return "\n".join((_BEGIN, *_section(record), _END))


def _with_section(text: str, ours: str) -> str:
    begins, ends = (list(mark.finditer(text)) for mark in _MARKS)
    if not begins and not ends:
        return f"{text.rstrip()}\n\n{ours}\n"
    if len(begins) != 1 or len(ends) != 1 or begins[0].start() > ends[0].start():
        raise UsageError(
            f"the model card has {len(begins)} opening and {len(ends)} closing marks of weighbridge: leave "
            "one of each, in that order, or none"
        )
    return text[: begins[0].start()] + ours + text[ends[0].end() :]


def _section(record: GateRecord) -> Iterator[str]:
    yield "## Evaluation"
    yield ""
    yield summary(record)
    yield ""
    yield from _scores(record)
    yield "### How to reproduce"
    yield ""
    yield "Ask again, and decide again from the journals:"
    yield ""
    yield fenced("\n".join((_gate_command(record), f"weighbridge verify {_word(record.folder)}")))
    yield ""
    yield (
        "The same content and policy have the plan digest "
        f"`{_code(record.manifest.plan_digest)}`, seed {record.manifest.policy.seed}. What was asked:"
    )
    yield ""
    yield "| of | sha256 |"
    yield "| --- | --- |"
    for name, digest in dict.fromkeys(pair for run in record.manifest.runs for pair in _digests(run)):
        yield f"| {escaped(name)} | `{_code(digest)}` |"


def _scores(record: GateRecord) -> Iterator[str]:
    found = [mean for mean in means(record) if not mean.part]
    if not found:
        return
    yield "| of | arm | side | metric | items | mean | 95 % interval |"
    yield "| --- | --- | --- | --- | ---: | ---: | ---: |"
    for mean in found:
        names = (mean.subject, mean.arm or "-", mean.side, _METRICS.get(mean.metric, mean.metric))
        yield f"| {' | '.join(map(escaped, names))} | {mean.items} | {mean.value:.3f} | {_interval(mean)} |"
    yield ""


def _interval(mean: Mean) -> str:
    if mean.low is None or mean.high is None:
        return "one source: none"
    return f"{mean.low:.3f} to {mean.high:.3f}"


def _gate_command(record: GateRecord) -> str:
    """Return the command that asks the same, but for a policy file, which only its digest tells."""
    tasks = [run for run in record.manifest.runs if run.kind is not RunKind.PROBE]
    mine, theirs = (
        list(dict.fromkeys(str(run.candidate.arm) for run in tasks if run.side is side))
        for side in (Side.CANDIDATE, Side.BASELINE)
    )
    words = {
        "--checkpoint": record.checkpoint(Side.CANDIDATE),
        "--baseline": record.checkpoint(Side.BASELINE),
        "--anchor": record.checkpoint(Side.ANCHOR),
        "--arms": ",".join(mine),
        "--baseline-arm": "" if theirs == mine else ",".join(theirs),
        "--tasks": ",".join(dict.fromkeys(run.subject for run in tasks)),
        "--suites": ",".join(map(str, record.manifest.suites)),
        "--items": str(record.manifest.policy.items or ""),
    }
    given = " ".join(f"{option} {_word(value)}" for option, value in words.items() if value)
    return f"weighbridge gate {given}"


def _word(text: str) -> str:
    """Return text as one word of a command on one line."""
    return quote(" ".join(harmless(text).split()))


def _digests(run: RunSpec) -> tuple[tuple[str, str], ...]:
    checkpoint = run.candidate.checkpoint
    return (
        (f"{run.side} {checkpoint.label}", checkpoint.digest),
        (f"{'probe' if run.kind is RunKind.PROBE else 'task'} {run.subject}", run.subject_digest),
    )


def _is_ours(result: "EvalResult") -> bool:
    return isinstance(result.metric_args, dict) and result.metric_args.get("by") == _OURS


def _code(digest: str) -> str:
    return "".join(each for each in digest if each.isalnum())


def _results(record: GateRecord) -> "Iterator[EvalResult]":
    from huggingface_hub import EvalResult

    digests = {harmless(run.subject, longest=100): run.subject_digest for run in record.manifest.runs}
    for mean in means(record):
        if mean.part or mean.side != Side.CANDIDATE:
            continue
        bounds = None if mean.low is None or mean.high is None else [round(mean.low, 4), round(mean.high, 4)]
        yield EvalResult(
            task_type="text-generation",
            dataset_type=f"{_OURS}/{mean.subject}",
            dataset_name=f"{mean.subject} x {mean.arm}" if mean.arm else mean.subject,
            dataset_config=mean.arm or None,
            dataset_revision=digests[mean.subject],
            metric_type=mean.metric,
            metric_name=_METRICS.get(mean.metric, mean.metric),
            metric_value=round(mean.value, 4),
            metric_args={
                "by": _OURS,
                "gate": harmless(record.manifest.gate_id, longest=100),
                "verdict": record.status,
                "items": mean.items,
                **({} if bounds is None else {"interval_95": bounds}),
            },
        )
