"""A task as a folder of four files and what stands beside them.

task.py      SYSTEM, DECODING, ask(inputs) -> str, score(item, reply) -> Score, and if it likes
             near(inputs, others) -> float; may import its neighbours with `from .sibling import x`
schema.json  JSON Schema 2020-12 of a reply
items.jsonl  {"id", "cluster", "inputs", "tags"?, "reference"?} a line
gold.jsonl   {"id", "inputs", "output"} a line: solved examples, none of them an item
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from harness.config.task_code import import_task_code
from harness.config.task_rows import read_gold, read_items, require_apart
from harness.domain.task import GoldExample, Json, Task
from harness.errors import InvalidTask

_BRIEF = 200


def load_task(folder: Path) -> Task:
    """Return the task kept in `folder`, whose digest is a hex sha256 over its files.

    Raises `InvalidTask` naming file and line for anything that is missing, malformed,
    contradictory, or that would show an item's answer in a prompt.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise InvalidTask(f"{folder} is not a folder: give the folder of a task")
    digest = task_digest(folder)
    schema = _read_schema(folder / "schema.json")
    items = read_items(folder / "items.jsonl")
    gold = read_gold(folder / "gold.jsonl")
    require_apart(items, gold, folder / "gold.jsonl")
    _require_valid_gold(schema, gold, folder / "gold.jsonl")
    code = import_task_code(folder, digest)
    return Task(
        name=folder.name,
        digest=digest,
        system=code.system,
        items=tuple(items.values()),
        gold=tuple(gold.values()),
        schema=schema,
        ask=code.ask,
        score=code.score,
        decoding=code.decoding,
        near=code.near,
    )


def task_digest(folder: Path) -> str:
    """Return the hex sha256 of a task's files, read and not checked; raises `InvalidTask`.

    Name, length and bytes of each are hashed, so that no two folders spell the same stream.
    """
    sources = {
        *folder.rglob("*.py"),
        *(folder / name for name in ("schema.json", "items.jsonl", "gold.jsonl")),
    }
    digest = hashlib.sha256()
    for path in sorted({*sources, folder / "task.py"}, key=lambda path: path.relative_to(folder).as_posix()):
        content = _read_bytes(path)
        name = path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)) + content)
    return digest.hexdigest()


def find_task(name_or_path: str, *, tasks_dir: Path) -> Path:
    """Return the folder of the task called `name_or_path` in `tasks_dir`, or at that path.

    Raises `InvalidTask` listing the known names when there is neither.
    """
    known = {path.parent.name: path.parent for path in sorted(tasks_dir.glob("*/task.py"))}
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    if name_or_path and (path / "task.py").is_file():
        return path
    names = ", ".join(known) or "none"
    raise InvalidTask(
        f"unknown task {name_or_path!r}: {tasks_dir} has {names}; use one of them or the path of a folder "
        "with a task.py"
    )


def _read_schema(path: Path) -> Mapping[str, Json]:
    from jsonschema import Draft202012Validator, SchemaError

    try:
        schema = msgspec.json.decode(_read_bytes(path), type=dict[str, Any])
        Draft202012Validator.check_schema(schema)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidTask(f"{path}: {error}: write one JSON object there") from error
    except SchemaError as error:
        raise InvalidTask(
            f"{path} is no JSON Schema 2020-12 at {error.json_path} ({_brief(error.message)}): correct it"
        ) from error
    return schema


def _require_valid_gold(schema: Mapping[str, Json], gold: Mapping[int, GoldExample], path: Path) -> None:
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    # With a registry of its own it never fetches a $ref from the network.
    validator = Draft202012Validator(schema, registry=Registry())
    for number, example in gold.items():
        where = f"{path} line {number}: the output of {example.id!r}"
        try:
            problem = next(validator.iter_errors(_parse_output(example.output, where)), None)
        except Unresolvable as error:
            raise InvalidTask(
                f"{path.with_name('schema.json')}: {error}: put what it refers to in $defs"
            ) from error
        if problem is not None:
            raise InvalidTask(
                f"{where} breaks schema.json at {problem.json_path} ({_brief(problem.message)}): correct one "
                "of the two"
            )


def _parse_output(output: str, where: str) -> object:
    try:
        return msgspec.json.decode(output)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidTask(f"{where} is not JSON ({error}): write the wanted reply as JSON text") from error


def _brief(message: str) -> str:
    """Keep the start: validators quote the whole document."""
    return message if len(message) <= _BRIEF else f"{message[:_BRIEF]}…"


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidTask(
            f"{path} could not be read ({error.strerror}): a task folder holds task.py, schema.json, "
            "items.jsonl and gold.jsonl"
        ) from error
