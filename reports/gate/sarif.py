"""A gate as SARIF 2.1.0, for the systems that show the alerts of code scanners.

OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 2020.
"""

from importlib.metadata import version
from json import dumps
from urllib.parse import quote

from harness import Json, Suite
from reports.gate.findings import GATE, ITEM_LOST, Finding, findings
from reports.gate.record import GateRecord

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    str(Suite.TARGET_METRIC): "The candidate must be shown to be as good at the job as the policy demands.",
    str(Suite.SCHEMA_VALIDITY): "Replies must be shown to be as machine-readable as the policy demands.",
    str(Suite.FORGETTING): "The candidate must be shown to have kept what the baseline could do.",
    str(Suite.LATENCY): "The candidate must be shown to answer as soon as the policy demands.",
    str(Suite.HUMAN_READS): "As many replies must be read, and such a share accepted, as the policy demands.",
    str(Suite.JUDGED): "People must be shown to accept as much as of the baseline, a judge helping.",
    GATE: "A gate must come to a verdict.",
    ITEM_LOST: "The candidate does worse on this item than the side it is compared with.",
}


def sarif(record: GateRecord) -> str:
    """Return the findings as one SARIF run with a rule a suite; no results where all is well."""
    rules: list[Json] = [{"id": name, "shortDescription": {"text": text}} for name, text in _RULES.items()]
    driver: Json = {"name": "weighbridge", "semanticVersion": version("weighbridge"), "rules": rules}
    run: Json = {"tool": {"driver": driver}, "results": [_result(each) for each in findings(record)]}
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(found: Finding) -> Json:
    where: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(found.path.removeprefix("./"))},
            "region": {"startLine": found.line},
        }
    }
    return {
        "ruleId": found.rule,
        "ruleIndex": list(_RULES).index(found.rule),
        "level": found.level,
        "message": {"text": found.message},
        "locations": [where],
        "partialFingerprints": {"weighbridge/v1": found.fingerprint},
    }
