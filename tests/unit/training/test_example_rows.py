"""Examples are read in every shape they are kept in, and refused by line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import InvalidDataset, Role, Task
from training.example import Example
from training.example_rows import as_line, examples_digest, examples_of, read_examples, write_examples

ASKED = {"role": "user", "content": "hi"}
SAID = {"role": "assistant", "content": "yo"}
TOLD = {"role": "system", "content": "be brief"}
GOOD = json.dumps({"messages": [ASKED, SAID]})


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [ASKED, SAID]},
        {"prompt": [ASKED], "completion": [SAID]},
        {"instruction": "hi", "input": "", "output": "yo"},
        {"instruction": "hi", "output": "yo"},
    ],
    ids=["messages", "trl", "alpaca", "alpaca without input"],
)
def test_the_same_conversation_is_read_from_every_shape(row: dict[str, object], tmp_path: Path) -> None:
    (example,) = read_examples(_file(tmp_path, json.dumps(row)))
    assert [(turn.role, turn.content) for turn in example.messages] == [
        (Role.USER, "hi"),
        (Role.ASSISTANT, "yo"),
    ]
    assert (example.question, example.completion, example.inputs) == ("hi", "yo", None)


def test_the_input_of_an_instruction_stands_below_it(tmp_path: Path) -> None:
    row = {"instruction": "Translate.", "input": "Katze", "output": "cat"}
    assert read_examples(_file(tmp_path, json.dumps(row)))[0].question == "Translate.\n\nKatze"


def test_inputs_are_worded_by_the_task(a_task: Callable[..., Task], tmp_path: Path) -> None:
    row = {"id": "a", "inputs": {"a": 1, "b": 2}, "output": "3"}
    (example,) = read_examples(_file(tmp_path, json.dumps(row)), task=a_task())
    assert [turn.content for turn in example.messages] == ["You add.", "What is 1 + 2?", "3"]
    assert example.inputs == {"a": 1, "b": 2}


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n\r\n")
    assert len(read_examples(path)) == 1


def test_equal_rows_without_ids_get_ids_of_their_own(tmp_path: Path) -> None:
    first, second, third = (each.id for each in read_examples(_file(tmp_path, GOOD, GOOD, GOOD)))
    assert (second, third) == (f"{first}-2", f"{first}-3")


def test_a_row_keeps_its_name_wherever_it_stands(tmp_path: Path) -> None:
    other = json.dumps({"messages": [ASKED, {**SAID, "content": "hello"}]})
    last = read_examples(_file(tmp_path, other, GOOD))[-1].id
    assert read_examples(_file(tmp_path, GOOD, other))[0].id == last


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), "rows.jsonl holds no examples"),
        (("", " "), "rows.jsonl holds no examples"),
        ((GOOD, '{"messages": ['), "rows.jsonl, line 2 is no training example"),
        ((GOOD, "", "[]"), "rows.jsonl, line 3 is no training example"),
        (('{"messages": [], "colour": 1}',), "unknown field `colour`"),
        (('{"instruction": "a", "messages": [], "output": "b"}',), "line 1 is no training example"),
        (('{"id": "a"}',), "line 1 is no training example"),
        ((json.dumps({"messages": [SAID, ASKED]}),), "line 1: roles are out of order (assistant, user)"),
        ((json.dumps({"messages": [ASKED]}),), "roles are out of order (user)"),
        ((json.dumps({"messages": [TOLD]}),), "roles are out of order (system)"),
        ((json.dumps({"messages": [ASKED, TOLD, SAID]}),), "out of order (user, system, assistant)"),
        ((json.dumps({"messages": [ASKED, ASKED, SAID]}),), "out of order (user, user, assistant)"),
        ((json.dumps({"messages": []}),), "roles are out of order (none)"),
        ((json.dumps({"messages": [ASKED, {**SAID, "content": " \n"}]}),), "the reply to be learnt is empty"),
        ((json.dumps({"messages": [ASKED, SAID], "made_on": "May"}),), "made_on is 'May'"),
        ((json.dumps({"inputs": {}, "output": "x"}),), "holds inputs, which a task must word"),
        (('{"id":"a",' + GOOD[1:], '{"id":"a",' + GOOD[1:]), "line 2: id 'a' stands there a second time"),
        (("\udcff",), "line 1 is no training example"),
    ],
)
def test_a_bad_file_is_refused_by_line(lines: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidDataset) as caught:
        read_examples(path)
    assert expected in str(caught.value)


def test_inputs_that_the_task_cannot_word_are_refused_by_line(
    a_task: Callable[..., Task], tmp_path: Path
) -> None:
    path = _file(tmp_path, json.dumps({"inputs": {"c": 1}, "output": "x"}))
    with pytest.raises(InvalidDataset, match=r"line 1: ask\(\) of task sums raised KeyError: 'a'"):
        read_examples(path, task=a_task())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataset, match=r"nothing\.jsonl could not be read"):
        read_examples(tmp_path / "nothing.jsonl")


def test_what_is_written_reads_back_and_leaves_no_draft(
    an_example: Callable[..., Example], tmp_path: Path
) -> None:
    examples = (an_example("a\u2028b", 'c\n"d"', system="s", tags=("x",), made_on="2026-11-25"), an_example())
    path = tmp_path / "deep" / "out.jsonl"
    write_examples(path, examples)
    assert read_examples(path) == examples
    assert [each.name for each in path.parent.iterdir()] == ["out.jsonl"]


def test_a_write_that_fails_leaves_neither_file_nor_draft(
    an_example: Callable[..., Example], tmp_path: Path
) -> None:
    (tmp_path / "out.jsonl").mkdir()
    with pytest.raises(OSError, match="out"):
        write_examples(tmp_path / "out.jsonl", [an_example()])
    assert list(tmp_path.iterdir()) == [tmp_path / "out.jsonl"]


def test_the_digest_is_of_the_examples_in_their_order(an_example: Callable[..., Example]) -> None:
    first, second = an_example("a"), an_example("b")
    assert examples_digest([first, second]) == examples_digest((first, second))
    assert examples_digest([first, second]) != examples_digest([second, first])
    assert json.loads(as_line(first))["messages"][0]["content"] == "a"


def test_rows_of_a_table_may_have_other_columns_empty_cells_and_plain_prompts() -> None:
    rows = [
        {"id": 7, "messages": [ASKED, SAID], "prompt": None, "split": "x"},
        {"prompt": "hi", "completion": "yo", "id": "b"},
    ]
    first, second = examples_of(rows, where="a table")
    assert (first.id, second.id) == ("7", "b")
    assert first.messages == second.messages


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "a table holds no examples"),
        ([{"text": "x"}], "a table, row 1 is no training example"),
        ([{"messages": [ASKED, SAID]}, {"messages": "x"}], "a table, row 2 is no training example"),
    ],
)
def test_a_bad_table_is_refused_by_row(rows: list[dict[str, object]], expected: str) -> None:
    with pytest.raises(InvalidDataset, match=expected):
        examples_of(rows, where="a table")
