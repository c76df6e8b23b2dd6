"""A gate as JUnit XML, a case a question, for the systems that show tests and no verdicts."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from reports.gate.questions import Question, questions
from reports.gate.record import UNFINISHED, GateRecord
from reports.plain_text import harmless

_PASSED = "PASSED"
_NO_XML = re.compile("[\ufffe\uffff]")
"""The characters that XML 1.0 forbids besides those that are made visible everywhere."""


def junit(record: GateRecord) -> str:
    """Return a test suite with the questions as cases; a gate that has answered nothing is one error.

    What is only reported, or waived, or open where the policy accepts that, does not fail.
    """
    suite = Element("testsuite", name="weighbridge", timestamp=record.manifest.created_at[:19])
    asked = questions(record)
    for each in asked:
        _case(suite, each, fails=_fails(each, record))
    if not asked:
        case = SubElement(suite, "testcase", classname="weighbridge", name="gate")
        kind = UNFINISHED if record.verdict is None else "no question"
        SubElement(case, "error", message=harmless(record.sentence), type=kind)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("*/failure"))))
    suite.set("errors", str(len(suite.findall("*/error"))))
    text = _NO_XML.sub("\ufffd", tostring(suite, encoding="unicode"))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(suite: Element, asked: Question, *, fails: bool) -> None:
    case = SubElement(suite, "testcase", classname=f"weighbridge.{asked.suite}", name=asked.name)
    if fails:
        kind = "error" if asked.status == "INVALID" else "failure"
        SubElement(case, kind, message=asked.reason, type=asked.status)
    else:
        excuse = f" ({asked.waived})" if asked.waived else ""
        SubElement(case, "system-out").text = f"{asked.status}{excuse}. {asked.reason}"


def _fails(asked: Question, record: GateRecord) -> bool:
    if asked.status == _PASSED or asked.role != "gate" or asked.waived:
        return False
    return asked.status != "INCONCLUSIVE" or not record.manifest.policy.accept_inconclusive
