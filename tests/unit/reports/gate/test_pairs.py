from dataclasses import replace

from reports.gate.pairs import paired_runs, worst
from tests.unit.reports.gate.conftest import ITEMS, MakeRecord


def test_items_are_paired_and_those_that_lost_most_come_first(a_record: MakeRecord) -> None:
    (runs,) = paired_runs(a_record())
    changes = [item.change for item in runs.items]
    assert len(changes) == ITEMS
    assert changes == sorted(changes)
    assert changes[0] == -1.0


def test_items_that_one_side_has_not_answered_are_left_out(a_record: MakeRecord) -> None:
    record = a_record(finished=False)
    (runs,) = paired_runs(record)
    fewer = {run_id: results[:7] for run_id, results in record.results.items() if "candidate" in run_id}
    (half,) = paired_runs(replace(record, results={**record.results, **fewer}))
    assert {item.item_id for item in half.items} <= {item.item_id for item in runs.items}
    assert len(half.items) == 7


def test_the_worst_are_taken_over_all_arms_and_never_agree(a_record: MakeRecord) -> None:
    pairs = paired_runs(a_record(arms=("zero-shot", "rag-3")))
    found = worst(pairs, 5)
    assert len(found) == 5
    assert all(item.is_discordant for _, item in found)
    assert [runs.name for runs in pairs] == ["sums x zero-shot", "sums x rag-3"]
