"""Examples -> an audit: every check in turn, the gravest findings first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness import Task
from training.data.audit.document import Audit
from training.data.audit.drift import drift
from training.data.audit.finding import Finding, Severity
from training.data.audit.personal import personal_data
from training.data.audit.replies import conflicts, refusals, schema_validity
from training.data.audit.template import Template, rendering
from training.data.audit.wording import duplicates, language, length, top_prompts
from training.data.manifest import DataFile
from training.data.mix import is_mixed_in
from training.example import Example

_GRAVITY = tuple(Severity)
_FEW = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """What replies are held against: a task's schema, a base's chat template; and who reads the audit."""

    task: Task | None = None
    template: Template | None = None
    read_by: str = ""


def audit(
    examples: tuple[Example, ...],
    data: DataFile,
    settings: AuditSettings,
    *,
    now: datetime,
    say: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Return what is wrong with the examples of `data`, and how long they are."""
    task, template = settings.task, settings.template
    statistics: dict[str, Any] = dict(length(examples))
    findings = list(_findings(examples, task, say))
    if template is not None:
        say(f"rendering {len(examples)} conversations")
        rendered, tokens = rendering(examples, template)
        findings += rendered
        statistics |= tokens
    return Audit(
        made_at=now.isoformat(timespec="seconds"),
        data=data,
        findings=tuple(sorted(findings, key=lambda each: _GRAVITY.index(each.severity))),
        settings={
            "task": None if task is None else task.name,
            "task_digest": None if task is None else task.digest,
            "base": None if template is None else template.name,
        },
        statistics=statistics,
        read_by=settings.read_by,
    )


def _findings(
    examples: tuple[Example, ...], task: Task | None, say: Callable[[str], None]
) -> Iterator[Finding]:
    if len(examples) < _FEW:
        said = f"{len(examples)} examples teach a format at most: gather {_FEW} or more, or prompt instead"
        yield Finding(check="size", severity=Severity.WARNING, said=said)
    say("reading replies")
    yield from schema_validity(examples, task)
    yield from conflicts(examples)
    yield from refusals(examples)
    say("looking for personal data")
    yield from personal_data(examples)
    say("comparing examples word by word")
    yield from duplicates(examples)
    yield from top_prompts(examples)
    say("telling languages")
    yield from language(examples)
    yield from drift([example for example in examples if not is_mixed_in(example)])
