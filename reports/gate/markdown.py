"""A gate as Markdown for a pull request: the verdict, the table, and the items that differ, worst first.

What a model wrote stands in fences that it cannot close, everything else is escaped, and no
text names people, issues or pages into being.
"""

import re
from collections.abc import Iterator

from reports.gate.card import Card, card
from reports.gate.chapters import task_words
from reports.gate.pairs import paired_runs, worst
from reports.gate.questions import Question, questions
from reports.gate.record import GateRecord
from reports.plain_text import harmless
from reports.review.summary import summary_lines

_WORST = 5
_LONGEST_REPLY = 800
_LONGEST = 60_000
"""GitHub refuses a comment of more than 65,536 characters."""

_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_LINKED = re.compile(r"(@|\\#|\\:(?=\\/\\/)|www(?=\\\.))")
_COLUMNS = ("question", "verdict", "reference", "candidate", "change", "interval", "margin", "n")


def comment(record: GateRecord) -> str:
    """Return the gate as a Markdown comment short enough for a pull request."""
    head = summary(record)
    rest = "\n".join(_items(record))
    whole = f"{head}\n{rest}"
    if len(whole) <= _LONGEST:
        return whole
    return f"{head[:_LONGEST]}\n\nThe rest is left out here; it is on the page of `weighbridge report`.\n"


def summary(record: GateRecord) -> str:
    """Return the verdict, its table and its notes, without any item."""
    return "\n".join(_head(record))


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, on one line, with no mention, reference or link in it."""
    line = " ".join(harmless(text).split())
    return _LINKED.sub(r"\1<!-- -->", _PUNCTUATION.sub(r"\\\1", line).replace("\\@", "@"))


def fenced(text: str) -> str:
    """Return text in a fence that is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _head(record: GateRecord) -> Iterator[str]:
    yield f"### {record.status}: {escaped(record.sentence)}"
    yield ""
    asked = questions(record)
    if asked:
        yield f"| {' | '.join(_COLUMNS)} |"
        yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        yield from map(_row, asked)
        yield ""
    for note in record.notes:
        yield f"- {escaped(note)}"
    if record.reading is not None:
        yield "\nRead by people:\n"
        yield from (f"- {escaped(line)}" for line in summary_lines(record.reading))
    yield ""
    yield f"Gate {escaped(record.manifest.gate_id)}, begun {escaped(record.manifest.created_at)}."


def _row(asked: Question) -> str:
    told = asked.status if asked.role == "gate" else f"{asked.status} (reported)"
    verdict = f"{told}, {escaped(asked.waived)}" if asked.waived else told
    return f"| {escaped(asked.name)} | {verdict} | {' | '.join(asked.cells)} |"


def _items(record: GateRecord) -> Iterator[str]:
    found = worst(paired_runs(record), _WORST)
    if not found:
        return
    yield "\n<details><summary>Items on which the sides differ, worst first</summary>\n"
    for runs, item in found:
        told = card(runs, item, task_words(record, runs), longest=_LONGEST_REPLY)
        yield f"**{escaped(item.item_id)}** of {escaped(runs.name)}, {item.change:+.3f}\n"
        yield from _sides(told)
    yield "</details>"


def _sides(told: Card) -> Iterator[str]:
    sides = told["sides"]
    for side in sides if isinstance(sides, list) else ():
        if isinstance(side, dict) and isinstance(side["text"], list):
            text = "".join(str(stretch[0]) for stretch in side["text"] if isinstance(stretch, list))
            yield f"{side['side']}:\n\n{fenced(text)}\n"
