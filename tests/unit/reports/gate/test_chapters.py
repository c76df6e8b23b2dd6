import gzip
import json
from base64 import b64decode

import pytest

from reports.gate import chapters as module
from reports.gate.chapters import chapters, longest_reply
from reports.gate.pairs import paired_runs
from tests.unit.reports.gate.conftest import HOSTILE, ITEMS, MakeRecord


def unpacked(text: str) -> list[dict[str, object]]:
    cards: list[dict[str, object]] = json.loads(gzip.decompress(b64decode(text)))
    return cards


def test_every_item_has_its_card_in_the_order_of_the_list(a_record: MakeRecord) -> None:
    record = a_record(arms=("zero-shot", "rag-3"))
    found = chapters(record, paired_runs(record))
    cards = [each for text in found.packed for each in unpacked(text)]
    assert len(found.index) == 2 * ITEMS
    assert [(card["of"], card["item"]) for card in cards] == [(of, item) for of, item, _ in found.index]
    assert all(len(unpacked(text)) <= found.size for text in found.packed)


def test_items_that_differ_are_packed_first(a_record: MakeRecord) -> None:
    record = a_record()
    changed = [
        any(change for _, change in changes) for _, _, changes in chapters(record, paired_runs(record)).index
    ]  # type: ignore[misc,union-attr]
    assert changed == sorted(changed, reverse=True)
    assert any(changed)


def test_a_megabyte_of_hostile_text_is_cut_and_the_rest_is_counted(a_record: MakeRecord) -> None:
    long = HOSTILE * (1_000_000 // len(HOSTILE))
    record = a_record(said=long)
    assert longest_reply(record) == 20_000
    found = chapters(record, paired_runs(record))
    text = "".join(stretch[0] for stretch in unpacked(found.packed[0])[0]["sides"][1]["text"])  # type: ignore[index]
    assert text.endswith(f"({len(long) - 20_000} characters more)")
    assert "\x1b" not in text
    assert sum(map(len, found.packed)) < 15e6


def test_many_long_replies_are_cut_shorter(a_record: MakeRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_record(said="long " * 10_000)
    assert longest_reply(record) == 20_000
    monkeypatch.setattr(module, "_MOST_CHARACTERS", ITEMS * 2_000)
    longest = longest_reply(record)
    lengths = [50_000] * (ITEMS - 1) + [1] * ITEMS
    assert sum(min(length, longest) for length in lengths) <= ITEMS * 2_000
    assert sum(min(length, longest + 1) for length in lengths) > ITEMS * 2_000
    monkeypatch.setattr(module, "_MOST_CHARACTERS", 1)
    assert longest_reply(record) == 500
