import json

from reports.gate.badge import badge_json, badge_svg
from reports.gate.document import document
from tests.unit.reports.gate.conftest import HOSTILE, ITEMS, MakeRecord


def test_the_document_has_every_figure_of_the_page(a_record: MakeRecord) -> None:
    told = json.loads(document(a_record(said=HOSTILE)))
    assert told["format_version"] == 1
    assert {asked["status"] for asked in told["questions"]} == {"REGRESSED"}
    assert told["recorded"] == told["planned"] == 2 * ITEMS
    assert told["worst"][0]["change"] == -1.0
    assert told["schema_places"][0]["place"] == "steps/*/value"


def test_an_unfinished_gate_has_no_questions_and_says_so(a_record: MakeRecord) -> None:
    told = json.loads(document(a_record(finished=False)))
    assert (told["status"], told["questions"]) == ("UNFINISHED", [])


def test_a_badge_says_the_answer(a_record: MakeRecord) -> None:
    assert ">regressed</text>" in badge_svg(a_record())
    assert json.loads(badge_json(a_record(finished=False)))["message"] == "unfinished"
