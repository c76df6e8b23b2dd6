"""All checks together, the gravest findings first."""

from collections.abc import Callable
from datetime import UTC, datetime

from harness import Task
from training.data.audit.examine import AuditSettings, audit
from training.data.audit.finding import Severity
from training.data.manifest import DataFile
from training.example import Example

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DATA = DataFile(path="train.jsonl", digest="d", examples=3)


def test_findings_come_by_their_gravity_and_the_settings_are_kept(
    a_task: Callable[..., Task], an_example: Callable[..., Example]
) -> None:
    examples = (an_example("a", "1"), an_example("a", "2"), an_example("write to jane@acme.com", "3"))
    found = audit(examples, DATA, AuditSettings(task=a_task(), read_by="A. Reader"), now=NOW)
    gravity = [list(Severity).index(each.severity) for each in found.findings]
    assert gravity == sorted(gravity)
    assert {each.check for each in found.findings if each.severity is Severity.ERROR} == {"conflict"}
    assert {"size", "personal data"} <= {each.check for each in found.of(Severity.WARNING)}
    assert (found.made_at, found.read_by) == ("2026-11-25T09:00:00+00:00", "A. Reader")
    assert found.settings["task"] == "sums"
    assert found.statistics["reply_words"]["max"] == 1


def test_two_hundred_good_examples_are_clean(
    a_task: Callable[..., Task], an_example: Callable[..., Example]
) -> None:
    examples = tuple(an_example(f"add {n} and {2 * n}", str(3 * n)) for n in range(200))
    found = audit(examples, DATA, AuditSettings(task=a_task()), now=NOW)
    assert found.verdict == "CLEAN. Nothing to mend or decide on"


def test_each_stage_is_said(an_example: Callable[..., Example]) -> None:
    said: list[str] = []
    audit((an_example(),), DATA, AuditSettings(), now=NOW, say=said.append)
    assert said == [
        "reading replies",
        "looking for personal data",
        "comparing examples word by word",
        "telling languages",
    ]
