"""What holds for every task folder that is shipped, and for each one's generated files."""

import importlib
import json
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import suites.tasks
from harness.config.task_draw import draw_solved
from harness.config.task_folder import load_task
from harness.domain.task import Item
from suites.tasks.fractions.arithmetic import parse_expression, produced

FOLDER = Path(suites.tasks.__file__).parent
TASKS = ("fractions", "tickets")
tasks = pytest.mark.parametrize("name", TASKS)


def _module(name: str, part: str) -> ModuleType:
    return importlib.import_module(f"suites.tasks.{name}.{part}")


def _rows(name: str, file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name / file).read_text(encoding="utf-8").splitlines()]


def _fraction_pair(row: dict[str, Any]) -> frozenset[str]:
    return frozenset((row["inputs"]["first"], row["inputs"]["second"]))


@tasks
def test_the_generator_writes_the_committed_files_byte_for_byte(name: str) -> None:
    for file, text in _module(name, "generate").files().items():
        assert (FOLDER / name / file).read_bytes() == text.encode()


@tasks
def test_another_seed_writes_other_files(name: str) -> None:
    files = _module(name, "generate").files
    assert files(seed=1)["items.jsonl"] != files(seed=2)["items.jsonl"]


@tasks
def test_the_folder_loads_as_a_task(name: str) -> None:
    task = load_task(FOLDER / name)
    assert task.name == name
    assert len(task.items) == len(_rows(name, "items.jsonl"))


@tasks
def test_the_schema_is_json_schema_2020_12(name: str) -> None:
    schema = json.loads((FOLDER / name / "schema.json").read_text(encoding="utf-8"))
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


@tasks
def test_every_gold_reply_scores_exactly_one_and_is_compact_json(name: str) -> None:
    score = _module(name, "task").score
    for row in _rows(name, "gold.jsonl"):
        reply = json.loads(row["output"])
        item = Item(id=row["id"], cluster="gold", inputs=row["inputs"], reference=reply)
        assert score(item, row["output"]).value == 1.0, row
        assert row["output"] == json.dumps(reply, separators=(",", ":"))


@tasks
def test_no_item_is_asked_twice_and_none_is_among_the_gold_examples(name: str) -> None:
    ask = _module(name, "task").ask
    items = [ask(row["inputs"]) for row in _rows(name, "items.jsonl")]
    gold = [ask(row["inputs"]) for row in _rows(name, "gold.jsonl")]
    assert len({*items, *gold}) == len(items) + len(gold)


@tasks
def test_clusters_are_many_and_none_holds_a_tenth_of_the_items(name: str) -> None:
    clusters = Counter(row["cluster"] for row in _rows(name, "items.jsonl"))
    assert len(clusters) >= 30
    assert max(clusters.values()) < clusters.total() / 10


@pytest.mark.parametrize(("name", "items", "gold"), [("fractions", 400, 1_000), ("tickets", 300, 500)])
def test_there_are_enough_items_and_gold_examples(name: str, items: int, gold: int) -> None:
    assert len(_rows(name, "items.jsonl")) >= items
    assert len(_rows(name, "gold.jsonl")) >= gold


def test_no_pair_of_fractions_is_both_asked_and_shown() -> None:
    items = {_fraction_pair(row) for row in _rows("fractions", "items.jsonl")}
    gold = {_fraction_pair(row) for row in _rows("fractions", "gold.jsonl")}
    assert items & gold == set()


def test_a_fractions_item_refers_to_the_right_answer() -> None:
    parse_expression = _module("fractions", "arithmetic").parse_expression
    for row in _rows("fractions", "items.jsonl"):
        inputs = row["inputs"]
        sign = "+" if inputs["operation"] == "add" else "-"
        result = parse_expression(f"{inputs['first']} {sign} {inputs['second']}").result
        assert row["reference"] == {"answer": str(result.value)}


def test_no_sentence_is_both_asked_and_shown_in_tickets() -> None:
    cores = _module("tickets", "phrases").CORES.values()
    assert all(len(set(sentences)) == 9 for sentences in cores)
    clusters = {row["cluster"] for row in _rows("tickets", "items.jsonl")}
    assert {cluster.rpartition("-")[2] for cluster in clusters} == {"1", "2", "3", "4"}


def test_order_ids_are_written_in_many_ways_that_are_all_in_the_message() -> None:
    for row in _rows("tickets", "items.jsonl"):
        order_id = row["reference"]["order_id"]
        letters = "".join(filter(str.isalnum, row["inputs"]["message"])).upper()
        assert order_id is None or order_id.replace("-", "") in letters


@pytest.mark.parametrize("category", ["out-of-scope", "delivery", "password"])
def test_every_kind_of_ticket_is_asked_and_shown(category: str) -> None:
    items = [row for row in _rows("tickets", "items.jsonl") if row["reference"]["category"] == category]
    gold = [row for row in _rows("tickets", "gold.jsonl") if f'"category":"{category}"' in row["output"]]
    assert (len(items), len(gold)) >= (20, 40)


@tasks
def test_drawn_examples_are_right_new_and_no_items(name: str) -> None:
    task = load_task(FOLDER / name)
    drawn = draw_solved(FOLDER / name, task, count=300, seed=7)
    assert drawn is not None
    assert len({task.ask(row.inputs) for row in drawn}) == 300
    assert not {task.ask(row.inputs) for row in drawn} & {
        task.ask(row.inputs) for row in (*task.items, *task.gold)
    }
    for row in drawn:
        item = Item(id="x", cluster="c", inputs=row.inputs, reference=json.loads(row.output))
        assert task.score(item, row.output).value == 1.0, row


@tasks
def test_a_longer_draw_begins_with_the_shorter_and_another_seed_draws_others(name: str) -> None:
    draw = _module(name, "generate").draw
    assert list(draw(20, 7)) == list(draw(200, 7))[:20]
    assert list(draw(20, 7)) != list(draw(20, 8))


def test_no_pair_of_fractions_that_is_drawn_has_the_values_of_an_item() -> None:
    def values(row: dict[str, Any]) -> frozenset[Fraction]:
        return frozenset(Fraction(row["inputs"][name]) for name in ("first", "second"))

    rows = [*_rows("fractions", "items.jsonl"), *_rows("fractions", "gold.jsonl")]
    drawn = list(_module("fractions", "generate").draw(5000, 7))
    assert len(drawn) > 4000
    assert not {values(row) for row in drawn} & {values(row) for row in _rows("fractions", "items.jsonl")}
    assert not {_fraction_pair(row) for row in drawn} & {_fraction_pair(row) for row in rows}


def test_drawn_tickets_are_made_of_no_sentence_of_an_item() -> None:
    cores = {row["cluster"] for row in _rows("tickets", "items.jsonl")}
    assert not {row["source"] for row in _module("tickets", "generate").draw(500, 7)} & cores


def test_the_perfect_paragraph_of_a_fractions_item_has_all_the_numbers_and_no_reply() -> None:
    for item in load_task(FOLDER / "fractions").items:
        sign = "+" if item.inputs["operation"] == "add" else "-"
        given = parse_expression(f"{item.inputs['first']} {sign} {item.inputs['second']}")
        assert given is not None
        assert isinstance(item.reference, dict)
        slips = [str(produced(str(item.inputs[f"misconception_{place}"]), given)) for place in (1, 2)]
        told = re.findall(r"\d+(?:/\d+)?", item.oracle)
        assert {str(given.common), item.reference["answer"], *slips} <= set(told)
        assert not set('{}"?') & set(item.oracle)
