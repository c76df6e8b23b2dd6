"""An audit is kept whole and read back; its verdict is that of its gravest finding."""

import json
from pathlib import Path

import pytest

from harness import InvalidDataset
from training.data.audit.document import Audit, as_document, audit_path, read_audit, write_audit
from training.data.audit.finding import Finding, Severity
from training.data.manifest import DataFile

DATA = DataFile(path="/data/train.jsonl", digest="d" * 64, examples=400)


def _audit(*severities: Severity, read_by: str = "") -> Audit:
    findings = tuple(Finding(check="schema", severity=each, said="so", share=0.5) for each in severities)
    return Audit(
        made_at="2026-11-25T09:00:00+00:00",
        data=DATA,
        findings=findings,
        settings={"task": None},
        statistics={"tokens": {"p50": 3}},
        read_by=read_by,
    )


@pytest.mark.parametrize(
    ("severities", "verdict", "usable"),
    [
        ((), "CLEAN. Nothing to mend or decide on", True),
        ((Severity.NOTE,), "CLEAN. Nothing to mend or decide on", True),
        ((Severity.WARNING, Severity.NOTE), "USABLE. 1 warning to decide on", True),
        ((Severity.ERROR, Severity.WARNING, Severity.WARNING), "NOT USABLE. 1 error and 2 warnings", False),
        ((Severity.ERROR, Severity.ERROR), "NOT USABLE. 2 errors and no warnings", False),
    ],
)
def test_the_verdict_is_that_of_the_gravest_finding(
    severities: tuple[Severity, ...], verdict: str, *, usable: bool
) -> None:
    audit = _audit(*severities)
    assert (audit.verdict, audit.is_usable) == (verdict, usable)


def test_what_is_kept_reads_back(tmp_path: Path) -> None:
    audit = _audit(Severity.WARNING, read_by="A. Reader")
    path = audit_path(tmp_path / "train.jsonl")
    write_audit(path, audit)
    assert path.name == "train.jsonl.audit.json"
    assert read_audit(path) == audit
    assert list(tmp_path.iterdir()) == [path]


def test_the_document_says_what_it_is() -> None:
    document = as_document(_audit(Severity.ERROR))
    assert (document["format_version"], document["step"]) == (1, "audit")
    assert document["verdict"] == "NOT USABLE. 1 error and no warnings"
    assert json.loads(json.dumps(document))["data"]["digest"] == DATA.digest


def test_there_is_none_where_none_was_kept(tmp_path: Path) -> None:
    assert read_audit(tmp_path / "a.json") is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ("{}", "cannot be read"),
        ('{"format_version":9}', "9"),
    ],
)
def test_a_document_that_is_none_is_refused(content: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(InvalidDataset, match=expected):
        read_audit(tmp_path / "a.json")
