from dataclasses import replace

import pytest

from reports.gate.page import gate_page
from reports.gate.record import GateRecord
from reports.gate.slices import slices
from tests.unit.reports.gate.conftest import HOSTILE, ITEMS, MakeRecord


def tagged(record: GateRecord) -> GateRecord:
    """Items tagged by what the candidate makes of them: `lost` every third, `rare` four of them."""
    (task,) = record.tasks.values()
    items = tuple(
        replace(
            item,
            tags=(
                "all",
                "all",
                *(["lost"] if number % 3 == 0 else ["kept", HOSTILE]),
                *(["rare"] if number < 4 else []),
            ),
        )
        for number, item in enumerate(task.items)
    )
    return replace(record, tasks={task.digest: replace(task, items=items)})


def test_a_slice_compares_the_sides_on_the_items_of_its_tag(a_record: MakeRecord) -> None:
    found = {(each.tag, each.metric): each for each in slices(tagged(a_record()))}
    lost, kept, whole = (found[tag, "target"] for tag in ("lost", "kept", "all"))
    assert (lost.items, lost.reference, lost.candidate, lost.change) == (27, 1.0, 0.0, -100.0)
    assert (kept.items, kept.change) == (ITEMS - 27, 0.0)
    assert whole.items == ITEMS
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < whole.change < whole.high


def test_those_that_lost_most_come_first(a_record: MakeRecord) -> None:
    changes = [each.change for each in slices(tagged(a_record()))]
    assert changes == sorted(changes)
    assert changes[0] == -100.0


def test_too_few_items_make_no_slice(a_record: MakeRecord) -> None:
    assert "rare" not in {each.tag for each in slices(tagged(a_record()))}


def test_without_tags_or_the_task_there_are_no_slices(a_record: MakeRecord) -> None:
    assert slices(a_record()) == ()
    assert slices(replace(tagged(a_record()), tasks={})) == ()


def test_the_page_shows_slices_and_what_a_tag_says_is_text(a_record: MakeRecord) -> None:
    pytest.importorskip("altair", reason="weighbridge[report] is not installed")
    page = gate_page(tagged(a_record()))
    assert '<h2 id="slices">Slices</h2>' in page
    assert "<script>alert(1)</script>" not in page
