"""Pairs from a file, and pairs out of a gold pool; no evaluation item is ever trained on."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness import InvalidDataset, InvalidTask, Task
from training.embeddings.nearest import FROM_FIELDS, FROM_HOOK, derive_pairs, shared_fields
from training.embeddings.pairs import FROM_FILE, read_pairs

Tasks = Callable[..., Task]


def _write(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def _rows(queries: int) -> list[dict[str, str]]:
    return [{"query": f"question {n}", "gold_id": f"g{n % 5 + 1}"} for n in range(queries)]


def test_a_fifth_of_the_queries_of_a_file_is_held_out_and_no_query_is_on_both_sides(
    a_task: Tasks, tmp_path: Path
) -> None:
    rows = [*_rows(20), {"query": "question 0", "gold_id": "g3"}]
    pairs = read_pairs(_write(tmp_path / "pairs.jsonl", rows), a_task(), seed=1)
    assert (pairs.source, len(pairs.held_out), len(pairs.training)) == (FROM_FILE, 4, 16)
    by_query = {each.query: each.relevant for each in (*pairs.held_out, *pairs.training)}
    assert len(by_query) == 20
    assert by_query["question 0"] == {"g1", "g3"}
    assert set(pairs.gold) == {"g1", "g2", "g3", "g4", "g5"}


def test_the_seed_draws_who_is_held_out_whatever_the_order_of_the_file(a_task: Tasks, tmp_path: Path) -> None:
    path = _write(tmp_path / "pairs.jsonl", _rows(20))
    turned = _write(tmp_path / "turned.jsonl", _rows(20)[::-1])
    one, same, other = (
        read_pairs(file, a_task(), seed=seed) for file, seed in ((path, 1), (turned, 1), (path, 2))
    )
    assert one.digest == same.digest != other.digest


def test_a_query_that_a_gold_example_asks_is_not_answered_by_itself(a_task: Tasks, tmp_path: Path) -> None:
    task = a_task()
    own = task.ask(task.gold[0].inputs)
    rows = [*_rows(9), {"query": own, "gold_id": "g2"}]
    pairs = read_pairs(_write(tmp_path / "pairs.jsonl", rows), task, seed=1)
    asked = next(each for each in (*pairs.held_out, *pairs.training) if each.query == own)
    assert (asked.relevant, asked.own) == ({"g2"}, {"g1"})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"query": "x"}, "line 2 is no pair .*gold_id"),
        ({"query": "", "gold_id": "g1"}, "line 2 is no pair"),
        ({"query": "x", "gold_id": "g1", "more": 1}, "line 2 is no pair"),
        ({"query": "x", "gold_id": "g9"}, "line 2: the task has no gold example 'g9'"),
        ({"query": "x", "gold_id": "i2"}, "line 2 is about 'i2', which is an evaluation item: take it out"),
        ({"query": "ITEM", "gold_id": "g1"}, "line 2 is about 'i1', which is an evaluation item"),
    ],
)
def test_a_row_that_is_wrong_or_an_evaluation_item_is_refused_by_its_line(
    a_task: Tasks, tmp_path: Path, row: dict[str, object], said: str
) -> None:
    task = a_task()
    if row["query"] == "ITEM":
        row = {**row, "query": task.ask(task.items[0].inputs)}
    with pytest.raises(InvalidDataset, match=said):
        read_pairs(_write(tmp_path / "pairs.jsonl", [_rows(1)[0], row]), task, seed=1)


@pytest.mark.parametrize("queries", [0, 9])
def test_too_few_queries_to_hold_any_out_are_refused(a_task: Tasks, tmp_path: Path, queries: int) -> None:
    with pytest.raises(InvalidDataset, match=f"holds {queries} different queries: write at least 10"):
        read_pairs(_write(tmp_path / "pairs.jsonl", _rows(queries)), a_task(), seed=1)


def test_a_file_that_is_not_there_is_named(a_task: Tasks, tmp_path: Path) -> None:
    with pytest.raises(InvalidDataset, match=r"pairs.jsonl could not be read \(No such file"):
        read_pairs(tmp_path / "pairs.jsonl", a_task(), seed=1)


def test_without_a_hook_the_examples_with_most_equal_fields_are_relevant(a_task: Tasks) -> None:
    pairs = derive_pairs(a_task(), seed=1)
    assert pairs.source == FROM_FIELDS
    by_query = {each.query: each for each in pairs.training}
    first = next(each for each in pairs.training if each.own == {"g1"})
    assert first.relevant == {"g2", "g3", "g4", "g5"}
    assert len(by_query) == 5


def test_only_gold_examples_are_trained_on_and_only_items_measured(a_task: Tasks) -> None:
    task = a_task()
    pairs = derive_pairs(task, seed=1)
    asked = {task.ask(item.inputs) for item in task.items}
    assert not asked & {each.query for each in pairs.training}
    assert {each.query for each in pairs.held_out} == asked
    names = set().union(*(each.relevant for each in (*pairs.training, *pairs.held_out)))
    assert not names & {item.id for item in task.items}


def test_a_task_that_says_what_is_near_is_asked(a_task: Tasks) -> None:
    task = dataclasses.replace(a_task(), near=lambda one, other: float(abs(one["a"] - other["a"]) == 1))
    pairs = derive_pairs(task, seed=1)
    assert pairs.source == FROM_HOOK
    assert next(each.relevant for each in pairs.training if each.own == {"g3"}) == {"g2", "g4"}


def test_where_nothing_is_near_anything_pairs_are_asked_for(a_task: Tasks) -> None:
    task = dataclasses.replace(a_task(), near=lambda _one, _other: 0.0)
    with pytest.raises(InvalidDataset, match="no example of task sums is near another by near"):
        derive_pairs(task, seed=1)


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan")])
def test_a_nearness_outside_0_to_1_is_the_tasks_fault(a_task: Tasks, value: float) -> None:
    task = dataclasses.replace(a_task(), near=lambda _one, _other: value)
    with pytest.raises(InvalidTask, match=f"near\\(\\) of task sums gave {value}: nearness lies from 0 to 1"):
        derive_pairs(task, seed=1)


def test_a_hook_that_raises_is_the_tasks_fault(a_task: Tasks) -> None:
    task = dataclasses.replace(a_task(), near=lambda one, _other: one["nothing"])
    with pytest.raises(InvalidTask, match="near\\(\\) of task sums raised KeyError"):
        derive_pairs(task, seed=1)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, 0.5),
        ({"a": 1}, {"a": 1, "b": 3}, 0.5),
        ({"a": None}, {"b": None}, 0.0),
        ({}, {}, 0.0),
    ],
)
def test_fields_are_shared_when_both_have_them_and_they_are_equal(
    one: dict[str, int], other: dict[str, int], share: float
) -> None:
    assert shared_fields(one, other) == share
