"""The result of an audit as it is kept: what was looked at, what was found, who read it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness import InvalidDataset
from training.data.audit.finding import Finding, Severity
from training.data.manifest import DataFile

_FORMAT_VERSION = 1
_STEP = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The audit of one data set, by the digest of its examples.

    `made_at` is an ISO time in UTC.  `statistics` are plain numbers by name; `read_by` names
    who has read the audit, empty where nobody said so.
    """

    made_at: str
    data: DataFile
    findings: tuple[Finding, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Any] = field(default_factory=dict)
    read_by: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether nothing has to be mended first."""
        return not self.of(Severity.ERROR)

    @property
    def verdict(self) -> str:
        """One sentence: whether the data can be trained on."""
        errors, warnings = len(self.of(Severity.ERROR)), len(self.of(Severity.WARNING))
        if errors:
            return f"NOT USABLE. {_counted(errors, 'error')} and {_counted(warnings, 'warning')}"
        if warnings:
            return f"USABLE. {_counted(warnings, 'warning')} to decide on"
        return "CLEAN. Nothing to mend or decide on"

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of that severity."""
        return tuple(each for each in self.findings if each.severity is severity)


def audit_path(data: Path) -> Path:
    """Return where the audit of a file lies unless another place was named."""
    return data.with_name(f"{data.name}.audit.json")


def as_document(audit: Audit) -> dict[str, Any]:
    """Return the audit as plain JSON, its verdict included."""
    head = {"format_version": _FORMAT_VERSION, "step": _STEP, "verdict": audit.verdict}
    return {**head, **asdict(audit)}


def write_audit(path: Path, audit: Audit) -> None:
    """Leave the audit at `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(
            json.dumps(as_document(audit), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_audit(path: Path) -> Audit | None:
    """Return the audit kept at `path`, None where there is none.

    Raises `InvalidDataset` for one that cannot be read or is from a newer program.
    """
    import msgspec

    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_bytes())
        version = document.pop("format_version")
        if version == _FORMAT_VERSION:
            return msgspec.convert(document, Audit)
    except (ValueError, AttributeError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise InvalidDataset(f"{path} cannot be read ({error}): run weighbridge data audit again") from error
    raise InvalidDataset(
        f"{path} has format {version}, this program reads {_FORMAT_VERSION}: upgrade weighbridge"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
