"""A gate as GitHub's workflow commands: one annotation a question that somebody has to look at."""

from collections.abc import Iterator

from reports.gate.questions import Question, questions
from reports.gate.record import UNFINISHED, GateRecord
from reports.plain_text import harmless

_LEVELS = {"REGRESSED": "error", "INVALID": "error", "INCONCLUSIVE": "warning"}


def annotations(record: GateRecord) -> Iterator[str]:
    """Yield a workflow command a line: errors for what blocks, warnings for what is open, a notice at last.

    The commands end with the answer of the whole gate.
    """
    for asked in questions(record):
        if asked.status in _LEVELS:
            yield command(_level(asked), title=f"{asked.name}: {asked.status}", message=asked.reason)
    level = "error" if record.status == UNFINISHED else _LEVELS.get(record.status, "notice")
    yield command(level, title=f"weighbridge: {record.status}", message=record.sentence)


def command(level: str, *, title: str, message: str) -> str:
    """Return one workflow command; no text can end it, begin another, or set a property of it.

    Escapes as the runner's own toolkit does, after control characters were made visible.
    """
    name = _data(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{_data(message)}"


def _level(asked: Question) -> str:
    blocks = asked.role == "gate" and not asked.waived
    return _LEVELS[asked.status] if blocks else "notice"


def _data(text: str) -> str:
    return harmless(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
