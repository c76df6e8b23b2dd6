"""A gate as GitLab's code quality report, which its merge requests show beside the change."""

from json import dumps

from reports.gate.findings import findings
from reports.gate.record import GateRecord

_SEVERITIES = {"error": "blocker", "warning": "major", "note": "info"}


def code_quality(record: GateRecord) -> str:
    """Return the findings as a JSON array; empty where there is nothing to look at.

    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    issues = [
        {
            "description": each.message,
            "check_name": f"weighbridge/{each.rule}",
            "fingerprint": each.fingerprint,
            "severity": _SEVERITIES[each.level],
            "location": {"path": each.path.removeprefix("./"), "lines": {"begin": each.line}},
        }
        for each in findings(record)
    ]
    return dumps(issues, indent=2) + "\n"
