import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import pytest

from harness.domain.policy import Role, Waiver
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status
from reports.gate.junit import junit
from reports.gate.record import GateRecord
from tests.unit.reports.gate.conftest import HOSTILE, MakeRecord


def parsed(record: GateRecord) -> ET.Element:
    return ET.fromstring(junit(record).encode())  # noqa: S314 - our own


def answered(record: GateRecord, **how: object) -> GateRecord:
    assert record.verdict is not None
    verdicts = tuple(replace(verdict, **how) for verdict in record.verdict.verdicts)  # type: ignore[arg-type]
    return replace(record, verdict=GateVerdict(status=Status.REGRESSED, reason="why", verdicts=verdicts))


@pytest.mark.parametrize(
    ("how", "failures", "errors"),
    [
        ({"status": Status.PASSED}, 0, 0),
        ({"status": Status.REGRESSED}, 2, 0),
        ({"status": Status.INCONCLUSIVE}, 2, 0),
        ({"status": Status.INVALID}, 0, 2),
        ({"status": Status.REGRESSED, "role": Role.REPORT}, 0, 0),
        (
            {
                "status": Status.REGRESSED,
                "waiver": Waiver(suite=Suite.TARGET_METRIC, until=date(2027, 1, 31), reason="known"),
            },
            0,
            0,
        ),
    ],
)
def test_a_question_fails_as_it_blocks(
    how: dict[str, object], failures: int, errors: int, a_record: MakeRecord
) -> None:
    suite = parsed(answered(a_record(), **how))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        "2",
        str(failures),
        str(errors),
    )


def test_hostile_words_stay_words(a_record: MakeRecord) -> None:
    suite = parsed(answered(a_record(), reason=f"{HOSTILE}\ufffe\x00", status=Status.REGRESSED))
    message = suite.findall("*/failure")[0].get("message") or ""
    assert message.startswith("</script><script>alert(1)</script>")
    assert r"\u0000" in message


def test_a_gate_without_an_answer_never_looks_green(a_record: MakeRecord) -> None:
    assert parsed(a_record(finished=False)).get("errors") == "1"
    alone = GateVerdict(status=Status.INVALID, reason="an evaluation", verdicts=())
    assert parsed(replace(a_record(), verdict=alone)).get("errors") == "1"
