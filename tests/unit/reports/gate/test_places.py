import pytest

from reports.gate.places import place_named, schema_places
from tests.unit.reports.gate.conftest import ITEMS, MakeRecord


@pytest.mark.parametrize(
    ("note", "place"),
    [
        ("at steps/3/value: 'x' is not a number", "steps/*/value"),
        ("at the top: 'answer' is a required property", "the top"),
        ("not JSON at character 12: Expecting value", "not JSON"),
        ("the key 'a' is given twice", "unread"),
        ("", "no reply"),
        ("at \x1b[2J: no", r"\u001b[2J"),
    ],
)
def test_the_place_is_read_off_the_note(note: str, place: str) -> None:
    assert place_named(note) == place


def test_errors_are_counted_by_side_and_valid_replies_not_at_all(a_record: MakeRecord) -> None:
    (found,) = schema_places(a_record())
    assert (found.side, found.place, found.replies) == ("candidate", "steps/*/value", len(range(0, ITEMS, 3)))
