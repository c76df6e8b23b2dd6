import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config.task_folder import find_task, load_task
from harness.domain.score import Score
from harness.domain.task import Decoding, GoldExample, Item
from harness.errors import InvalidTask

CODE = """
from harness import Decoding, Score

from .words import GREETING

SYSTEM = "Answer in JSON."
DECODING = Decoding(max_tokens=16)


def ask(inputs):
    return f"{GREETING}, what is {inputs['question']}?"


def score(item, reply):
    return Score(value=float(item.reference == reply))
"""
SCHEMA = {"type": "object", "properties": {"answer": {"type": "integer"}}, "required": ["answer"]}
ITEM = {
    "id": "i1",
    "cluster": "c1",
    "inputs": {"question": "1+1"},
    "reference": "2",
    "tags": ["easy"],
    "oracle": "It is two.",
}
OTHER = {"id": "i2", "cluster": "c1", "inputs": {"question": "2+2"}}
GOLD = {"id": "g1", "inputs": {"question": "3+3"}, "output": '{"answer": 6}'}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A task folder that is right in everything."""
    folder = tmp_path / "sums"
    folder.mkdir()
    (folder / "task.py").write_text(CODE)
    (folder / "words.py").write_text('GREETING = "Hello"\n')
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    (folder / "items.jsonl").write_text(lines(ITEM, OTHER))
    (folder / "gold.jsonl").write_text(lines(GOLD))
    return folder


def test_a_task_may_say_what_is_near(folder: Path) -> None:
    assert load_task(folder).near is None
    (folder / "task.py").write_text(CODE + "\n\ndef near(inputs, others):\n    return 0.5\n")
    near = load_task(folder).near
    assert near is not None
    assert near({}, {}) == 0.5
    (folder / "task.py").write_text(CODE + "\n\nnear = 0.5\n")
    with pytest.raises(InvalidTask, match="near is a float: make it a function near"):
        load_task(folder)


def test_a_task_is_what_its_files_say(folder: Path) -> None:
    task = load_task(folder)
    assert task.name == "sums"
    assert task.system == "Answer in JSON."
    assert task.decoding == Decoding(max_tokens=16)
    assert task.schema == SCHEMA
    assert task.items == (
        Item(
            id="i1",
            cluster="c1",
            inputs={"question": "1+1"},
            reference="2",
            tags=("easy",),
            oracle="It is two.",
        ),
        Item(id="i2", cluster="c1", inputs={"question": "2+2"}),
    )
    assert task.gold == (GoldExample(id="g1", inputs={"question": "3+3"}, output='{"answer": 6}'),)
    assert task.ask(task.items[0].inputs) == "Hello, what is 1+1?"
    assert task.score(task.items[0], "2") == Score(value=1.0)


def test_the_folder_may_be_given_relative(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert load_task(Path()) == load_task(folder)


def test_gold_may_be_empty_and_blank_lines_are_passed_over(folder: Path) -> None:
    (folder / "gold.jsonl").write_text("")
    (folder / "items.jsonl").write_text("\n" + lines(ITEM) + "  \n\n")
    task = load_task(folder)
    assert task.gold == ()
    assert [item.id for item in task.items] == ["i1"]


def test_a_line_separator_inside_a_text_does_not_end_the_line(folder: Path) -> None:
    odd = {**ITEM, "inputs": {"question": "a\u2028b\x85c"}}
    (folder / "items.jsonl").write_text(json.dumps(odd, ensure_ascii=False), encoding="utf-8")
    assert load_task(folder).items[0].inputs == {"question": "a\u2028b\x85c"}


def test_two_copies_of_a_task_never_mix(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "sums"
    shutil.copytree(folder, copy)
    (copy / "words.py").write_text('GREETING = "Good evening"\n')
    asked = [load_task(place).ask({"question": "x"}) for place in (folder, copy, folder)]
    assert asked == ["Hello, what is x?", "Good evening, what is x?", "Hello, what is x?"]


def test_identical_copies_have_one_digest_and_two_modules(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "sums"
    shutil.copytree(folder, copy)
    first, second = load_task(folder), load_task(copy)
    assert first.digest == second.digest
    assert first.ask is not second.ask


@pytest.mark.parametrize("name", ["task.py", "words.py", "schema.json", "items.jsonl", "gold.jsonl"])
def test_the_digest_depends_on_every_file(folder: Path, name: str) -> None:
    before = load_task(folder).digest
    path = folder / name
    path.write_text(path.read_text() + "\n")
    assert load_task(folder).digest != before


def test_the_digest_depends_on_names_and_on_nothing_beside_the_contract(folder: Path) -> None:
    before = load_task(folder).digest
    (folder / "notes.txt").write_text("aside")
    assert load_task(folder).digest == before
    (folder / "more.py").write_text("")
    named = load_task(folder).digest
    (folder / "more.py").rename(folder / "less.py")
    assert len({before, named, load_task(folder).digest}) == 3


@pytest.mark.parametrize(
    ("name", "content", "fragment"),
    [
        ("items.jsonl", "", "items.jsonl holds no items: write one JSON object a line"),
        ("items.jsonl", lines(ITEM) + "{", "items.jsonl line 2: Input data was truncated: a line holds id"),
        ("items.jsonl", "[]", "items.jsonl line 1: Expected `object`, got `array`"),
        ("items.jsonl", '{"id": NaN}', "items.jsonl line 1: JSON is malformed"),
        ("items.jsonl", '{"id": "\\ud800"}', "items.jsonl line 1: "),
        (
            "items.jsonl",
            '{"id": "a"}',
            "line 1: Object missing required field `cluster`: a line holds id, cluster",
        ),
        ("items.jsonl", lines({**ITEM, "id": 7}), "line 1: Expected `str`, got `int` - at `$.id`"),
        ("items.jsonl", lines({**ITEM, "id": ""}), "line 1: Expected `str` of length >= 1 - at `$.id`"),
        ("items.jsonl", lines({**ITEM, "inputs": "1+1"}), "Expected `object`, got `str` - at `$.inputs`"),
        ("items.jsonl", lines({**ITEM, "tags": "easy"}), "Expected `array`, got `str` - at `$.tags`"),
        ("items.jsonl", lines({**ITEM, "refernce": 1}), "Object contains unknown field `refernce`"),
        (
            "items.jsonl",
            lines(ITEM, OTHER, ITEM),
            "line 3: id 'i1' is already used on line 1: give each its own",
        ),
        ("gold.jsonl", "nonsense", "gold.jsonl line 1: JSON is malformed"),
        (
            "gold.jsonl",
            lines({"id": "g"}),
            "line 1: Object missing required field `inputs`: a line holds id, inputs",
        ),
        ("gold.jsonl", lines({**GOLD, "output": {}}), "Expected `str`, got `object` - at `$.output`"),
        ("gold.jsonl", lines(GOLD, GOLD), "gold.jsonl line 2: id 'g1' is already used on line 1"),
        (
            "gold.jsonl",
            lines({**GOLD, "id": "i2"}),
            "gold.jsonl line 1: gold example 'i2' has the same id as item 'i2' on line 2 of items.jsonl",
        ),
        (
            "gold.jsonl",
            lines({**GOLD, "inputs": ITEM["inputs"]}),
            "gold.jsonl line 1: gold example 'g1' has the same inputs as item 'i1' on line 1 of items.jsonl",
        ),
        (
            "gold.jsonl",
            lines({**GOLD, "output": "six"}),
            "gold.jsonl line 1: the output of 'g1' is not JSON (JSON is malformed",
        ),
        (
            "gold.jsonl",
            lines({**GOLD, "output": '{"answer": "six"}'}),
            "line 1: the output of 'g1' breaks schema.json at $.answer ('six' is not of type 'integer')",
        ),
        ("schema.json", "{", "schema.json: Input data was truncated: write one JSON object there"),
        ("schema.json", "true", "schema.json: Expected `object`, got `bool`"),
        (
            "schema.json",
            '{"type": "integre"}',
            "schema.json is no JSON Schema 2020-12 at $.type ('integre' is not",
        ),
        (
            "schema.json",
            '{"$ref": "https://example.org/s"}',
            "schema.json: Unresolvable: https://example.org/s",
        ),
        (
            "task.py",
            CODE.replace("SYSTEM =", "SYTEM ="),
            "task.py defines no SYSTEM: add a str under that name",
        ),
        ("task.py", CODE.replace("DECODING", "DECODE"), "defines no DECODING: add a harness.Decoding"),
        ("task.py", CODE.replace("def ask", "def asks"), "defines no ask: add a function ask(inputs) -> str"),
        (
            "task.py",
            CODE.replace("def score", "def grade"),
            "defines no score: add a function score(item, reply)",
        ),
        ("task.py", CODE + "\nSYSTEM = 3", "task.py: SYSTEM is a int: make it a str"),
        ("task.py", CODE + "\nDECODING = {}", "task.py: DECODING is a dict: make it a harness.Decoding"),
        ("task.py", CODE + "\nask = 'x'", "task.py: ask is a str: make it a function"),
        (
            "task.py",
            "x = 1\ny = 1 / 0",
            "task.py line 2 raised ZeroDivisionError on import (division by zero)",
        ),
        ("task.py", "def f(:", "task.py line 1 raised SyntaxError on import"),
        ("task.py", "import sys\nsys.exit(3)", "task.py line 2 raised SystemExit on import (3): correct it"),
        ("task.py", "raise KeyError", "task.py line 1 raised KeyError on import (no message)"),
        ("task.py", "from .nowhere import x", "task.py line 1 raised ModuleNotFoundError on import"),
        (
            "words.py",
            "\n\nraise ValueError('two\\nlines')",
            "words.py line 3 raised ValueError on import (two)",
        ),
    ],
)
def test_a_task_that_cannot_be_trusted_is_refused_in_a_sentence(
    folder: Path, name: str, content: str, fragment: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises(InvalidTask) as refused:
        load_task(folder)
    assert str(refused.value).startswith(str(folder))
    assert fragment in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["task.py", "schema.json", "items.jsonl", "gold.jsonl"])
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: (path.unlink(), path.mkdir())])
def test_a_missing_file_is_named(folder: Path, name: str, spoil: Callable[[Path], object]) -> None:
    spoil(folder / name)
    with pytest.raises(InvalidTask, match=rf"{name} could not be read .*: a task folder holds task.py"):
        load_task(folder)


@pytest.mark.parametrize("name", ["items.jsonl", "gold.jsonl", "schema.json"])
def test_bytes_that_are_no_utf_8_are_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b'{"id": "\xff"}')
    with pytest.raises(InvalidTask, match=rf"{name}.*can't decode byte 0xff"):
        load_task(folder)


def test_inputs_are_compared_whatever_the_order_of_their_keys(folder: Path) -> None:
    (folder / "items.jsonl").write_text(lines({**ITEM, "inputs": {"a": 1, "b": [2]}}))
    (folder / "gold.jsonl").write_text(lines({**GOLD, "inputs": {"b": [2], "a": 1}}))
    with pytest.raises(InvalidTask, match="has the same inputs as item 'i1'"):
        load_task(folder)


def test_a_long_value_is_not_quoted_whole(folder: Path) -> None:
    long = json.dumps({"answer": "x" * 10_000})
    (folder / "gold.jsonl").write_text(lines({**GOLD, "output": long}))
    with pytest.raises(InvalidTask) as refused:
        load_task(folder)
    assert len(str(refused.value)) < 1000


def test_a_folder_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidTask, match="absent is not a folder: give the folder of a task"):
        load_task(tmp_path / "absent")


def test_a_failed_import_leaves_nothing_behind(folder: Path) -> None:
    (folder / "task.py").write_text("from .words import GREETING\nraise ValueError")
    before = set(sys.modules)
    with pytest.raises(InvalidTask):
        load_task(folder)
    assert not {name for name in set(sys.modules) - before if name.startswith("weighbridge_task_")}


def test_a_task_is_found_by_name_before_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = folder.parent
    monkeypatch.chdir(tasks)
    assert find_task("sums", tasks_dir=tasks) == folder
    assert find_task(str(folder), tasks_dir=tasks / "none") == folder
    assert find_task("sums", tasks_dir=tasks / "none") == Path("sums")


@pytest.mark.parametrize("name", ["sum", "", "..", "../secret", "\x00"])
def test_an_unknown_task_lists_the_known_ones(folder: Path, name: str) -> None:
    with pytest.raises(InvalidTask, match=r"unknown task .* has sums; use one of them or the path"):
        find_task(name, tasks_dir=folder.parent)


def test_where_there_are_no_tasks_none_are_listed(tmp_path: Path) -> None:
    with pytest.raises(InvalidTask, match="has none; use one of them"):
        find_task("x", tasks_dir=tmp_path)
