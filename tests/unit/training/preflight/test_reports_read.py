"""Reading audits and reviews: what is asked must be there, what else there is does no harm."""

import json
from pathlib import Path

import pytest

from harness import InvalidDataset
from training.preflight.facts import AuditSeen, ReviewSeen
from training.preflight.reports_read import read_audit, read_review


def _write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("document", "seen"),
    [
        (
            {"step": "audit", "data_digest": "x", "findings": [], "read_by": "Ada", "more": 1},
            AuditSeen(data_digest="x", findings=0, forbidding=0, read_by="Ada"),
        ),
        (
            {"data": {"digest": "x"}, "findings": [{"severity": "Error"}, {"level": "note"}, "free text"]},
            AuditSeen(data_digest="x", findings=3, forbidding=1, read_by=""),
        ),
        (
            {"inputs": [{"digest": "x"}], "findings": {"pii": {"forbids": True}}},
            AuditSeen(data_digest="x", findings=1, forbidding=1, read_by=""),
        ),
        (
            {"inputs": [{"digest": "x"}, {"digest": "y"}]},
            AuditSeen(data_digest=None, findings=None, forbidding=0, read_by=""),
        ),
        ({"digest": 5, "findings": 3}, AuditSeen(data_digest=None, findings=None, forbidding=0, read_by="")),
    ],
)
def test_an_audit_is_read_for_what_it_says(tmp_path: Path, document: object, seen: AuditSeen) -> None:
    assert read_audit(_write(tmp_path / "audit.json", document)) == seen


@pytest.mark.parametrize(
    ("document", "seen"),
    [
        (
            {
                "accepted_share": 1.0,
                "reviewer": "Ada",
                "sampling": {"data_digest": "x"},
                "marks": [{"accepted": True}, {"accepted": False}, {"accepted": "yes"}, "odd"],
            },
            ReviewSeen(data_digest="x", read=4, accepted_share=0.25, reviewer="Ada"),
        ),
        (
            {"data_digest": "x", "read": 50, "accepted_share": 1},
            ReviewSeen(data_digest="x", read=50, accepted_share=1.0, reviewer=""),
        ),
        (
            {"data_digest": "x", "marks": []},
            ReviewSeen(data_digest="x", read=0, accepted_share=None, reviewer=""),
        ),
        (
            {"read": True, "accepted_share": 1.5, "reviewer": 3},
            ReviewSeen(data_digest=None, read=None, accepted_share=None, reviewer=""),
        ),
    ],
)
def test_a_review_is_counted_from_its_marks(tmp_path: Path, document: object, seen: ReviewSeen) -> None:
    assert read_review(_write(tmp_path / "review.json", document)) == seen


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no JSON object"),
        ('{"step": "mix"}', "is of step 'mix': give what weighbridge data audit wrote"),
    ],
)
def test_a_file_that_is_no_audit_is_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "audit.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidDataset, match=f"{path} {said}"):
        read_audit(path)


def test_a_file_that_is_not_there_is_refused_with_the_verb_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataset, match=r"No such file.*: write it with weighbridge data review$"):
        read_review(tmp_path / "review.json")
