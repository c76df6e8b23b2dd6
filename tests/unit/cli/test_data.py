"""`weighbridge data`: every step from files to files, and what it refuses."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes.fixtures import RunProgram
from tests.fakes.word_vectors import word_vectors
from training.data.audit.document import read_audit
from training.data.manifest import lineage, read_manifest
from training.example_rows import examples_digest, read_examples

DRAW = ("data", "draw", "--task", "fractions", "--count", 20, "--seed", 7)


class _Embedder:
    """Stands in for the real embedder, which integration tests ask."""

    def __init__(self, _cache: Path, *, dims: int | None, threads: int) -> None:
        assert dims is None
        assert threads > 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return word_vectors(texts)


@pytest.fixture(autouse=True)
def _small_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.embedder_choice.MiniLmEmbedder", _Embedder)


def _talk(question: str, reply: str, **fields: object) -> dict[str, object]:
    return {
        "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": reply}],
        **fields,
    }


def _write(path: str, *rows: object) -> Path:
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Path(path)


def _names() -> set[str]:
    return {path.name for path in Path().iterdir()} - {"policy.toml", "cache"}


def test_examples_are_drawn_with_a_manifest_and_the_same_seed_gives_the_same_bytes(
    weighbridge: RunProgram,
) -> None:
    done = weighbridge(*DRAW, "--out", "train.jsonl")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "Drew 20 examples.",
        "",
        "Written: train.jsonl, train.jsonl.manifest.json",
        "Next:    weighbridge data audit train.jsonl",
    ]
    weighbridge(*DRAW, "--out", "again.jsonl")
    assert Path("train.jsonl").read_bytes() == Path("again.jsonl").read_bytes()
    manifest = read_manifest(Path("train.jsonl"))
    assert manifest is not None
    assert (manifest.settings["task"], manifest.settings["from"]) == ("fractions", "generator")


def test_a_task_without_a_generator_gives_its_gold_and_says_so(
    weighbridge: RunProgram, task_copy: Callable[[str], Path]
) -> None:
    folder = task_copy("mine")
    (folder / "generate.py").unlink()
    done = weighbridge("data", "draw", "--task", folder, "--count", 3, "--out", "train.jsonl")
    assert done.status == 0
    assert "has no generator with draw(count, seed): these are gold" in done.out
    # The folder is kept in the manifest, so that the next step finds the task again.
    assert weighbridge("data", "audit", "train.jsonl").status == 0
    done = weighbridge("data", "draw", "--task", folder, "--count", 9999, "--out", "more.jsonl")
    assert (done.status, "examples to draw and not 9999" in done.complaint) == (2, True)


def test_the_whole_way_from_drawing_to_mixing_is_in_the_last_manifest(weighbridge: RunProgram) -> None:
    drawn = weighbridge(*DRAW, "--out", "train.jsonl")
    unique = weighbridge("data", "dedup", "train.jsonl", "--out", "unique.jsonl")
    clean = weighbridge(
        *("data", "decontaminate", "unique.jsonl", "--tasks", "fractions,tickets", "--out", "clean.jsonl")
    )
    _write(
        "general.jsonl", *(_talk(f"Name thing {n} of the list.", "It is that one there.") for n in range(9))
    )
    mixed = weighbridge(
        *("data", "mix", "clean.jsonl", "--general", "general.jsonl", "--general-share", 0.2),
        *("--seed", 3, "--out", "mixed.jsonl"),
    )
    assert [each.status for each in (drawn, unique, clean, mixed)] == [0, 0, 0, 0]
    assert mixed.out.startswith("Mixed 25 examples: 20 focused, 5 general; 0 of all are refusals.")
    steps = lineage(Path("mixed.jsonl"))
    assert [step.step for step in steps] == ["draw", "dedup", "decontaminate", "mix"]
    assert steps[-1].settings["task"] == "fractions"
    # The task in the manifest words the rows again.
    audited = weighbridge("data", "audit", "mixed.jsonl", "--json")
    assert (audited.status, json.loads(audited.out)["data"]["digest"]) == (0, steps[-1].output.digest)


def test_an_audit_is_kept_beside_the_file_with_who_read_it(weighbridge: RunProgram) -> None:
    weighbridge(*DRAW, "--out", "train.jsonl")
    done = weighbridge("data", "audit", "train.jsonl", "--read-by", "A. Reader")
    assert done.status == 0
    assert done.out.startswith("USABLE  1 warning to decide on.\n20 examples of ")
    assert "Kept: train.jsonl.audit.json" in done.out
    audit = read_audit(Path("train.jsonl.audit.json"))
    assert audit is not None
    assert (audit.read_by, audit.data.examples, audit.settings["task"]) == ("A. Reader", 20, "fractions")


def test_an_audit_with_errors_is_kept_and_ends_with_status_2(weighbridge: RunProgram) -> None:
    _write("a.jsonl", _talk("Is it good?", "yes"), _talk("is it  good?", "no"))
    done = weighbridge("data", "audit", "a.jsonl", "--out", "kept/audit.json")
    assert done.status == 2
    assert done.out.startswith("NOT USABLE  1 error and 2 warnings.")
    assert "the same question has different labels" in done.out
    assert "first example 1, \u201cIs it good?\u201d" in " ".join(done.out.split())
    assert read_audit(Path("kept/audit.json")) is not None
    assert "a.jsonl.audit.json" not in _names()


def test_duplicates_go_and_are_listed(weighbridge: RunProgram) -> None:
    _write("a.jsonl", _talk("Is it good?", "yes"), _talk("is it  good?", "YES"), _talk("Why is that?", "no"))
    done = weighbridge("data", "dedup", "a.jsonl", "--out", "b.jsonl", "--by", "exact")
    assert done.out.startswith("Kept 2 of 3 examples: 1 repeat another.")
    (group,) = map(json.loads, Path("b.groups.jsonl").read_text().splitlines())
    assert len(group["removed"]) == 1


def test_contamination_goes_and_is_kept_with_the_item_it_met(weighbridge: RunProgram) -> None:
    from harness.config.task_folder import load_task
    from tests.fakes.tickets import TICKETS

    item = load_task(TICKETS).items[0]
    message = str(item.inputs["message"])
    _write(
        "a.jsonl", _talk(f"Route this: {message}", "ok"), _talk(message.upper(), "ok"), _talk("Hi?", "yes")
    )
    done = weighbridge("data", "decontaminate", "a.jsonl", "--tasks", "tickets", "--out", "b.jsonl", "--json")
    assert json.loads(done.out)["counts"]["kept"] == 1
    rows = [json.loads(line) for line in Path("b.removed.jsonl").read_text().splitlines()]
    assert {row["item"]["id"] for row in rows} == {item.id}
    assert [row["example"]["messages"][0]["content"] for row in rows] == [
        f"Route this: {message}",
        message.upper(),
    ]


def test_general_examples_of_another_task_are_mixed_in_as_conversations(weighbridge: RunProgram) -> None:
    weighbridge(*DRAW, "--out", "train.jsonl")
    weighbridge("data", "draw", "--task", "tickets", "--count", 20, "--out", "general.jsonl")
    done = weighbridge(
        "data", "mix", "train.jsonl", "--general", "general.jsonl", "--out", "m.jsonl", "--json"
    )
    manifest: dict[str, Any] = json.loads(done.out)
    rows = [json.loads(line) for line in Path("m.jsonl").read_text().splitlines()]
    assert sum("inputs" in row for row in rows) == 20
    assert manifest["settings"]["task"] == "fractions"
    assert manifest["output"]["examples"] == len(rows) == 24


def test_the_digest_in_the_manifest_is_that_of_the_file(weighbridge: RunProgram) -> None:
    _write("a.jsonl", _talk("Is it good?", "yes"))
    weighbridge("data", "dedup", "a.jsonl", "--out", "b.jsonl")
    manifest = read_manifest(Path("b.jsonl"))
    assert manifest is not None
    assert (
        manifest.output.digest == manifest.inputs[0].digest == examples_digest(read_examples(Path("b.jsonl")))
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("audit", "empty.jsonl"), "empty.jsonl holds no examples"),
        (("dedup", "broken.jsonl", "--out", "o.jsonl"), "broken.jsonl, line 2 is no training example"),
        (("audit", "missing.jsonl"), "missing.jsonl is neither a file nor a folder"),
        (("dedup", "good.jsonl", "--out", "good.jsonl"), "good.jsonl is what is read"),
        (("dedup", "good.jsonl", "--out", "o.jsonl", "--by", "sense"), "'sense' is no way of being alike"),
        (("dedup", "good.jsonl", "--out", "o.jsonl", "--meaning", "2"), "the degree of meaning is 2"),
        (("decontaminate", "good.jsonl", "--out", "o.jsonl"), "there is nothing to compare with"),
        (("decontaminate", "good.jsonl", "--tasks", "x", "--out", "o.jsonl"), "unknown task 'x'"),
        (("decontaminate", "good.jsonl", "--probes", "x", "--out", "o.jsonl"), "unknown probe 'x'"),
        (
            ("decontaminate", "item.jsonl", "--tasks", "tickets", "--words-only", "--out", "o.jsonl"),
            "decontaminate leaves no example of 1: nothing was written to o.jsonl",
        ),
        (("mix", "good.jsonl", "--general-share", "0.5", "--out", "o.jsonl"), "give more with --general"),
        (("mix", "good.jsonl", "--general-share", "1", "--out", "o.jsonl"), "the general share is 1"),
        (("mix", "good.jsonl", "--dilute", "-1", "--out", "o.jsonl"), "a dilution of -1"),
        (("draw", "--task", "x", "--count", "3", "--out", "o.jsonl"), "unknown task 'x'"),
        (("draw", "--task", "fractions", "--count", "99999", "--out", "o.jsonl"), "ask for fewer"),
        (
            ("audit", "good.jsonl", "--base", "http://localhost:1/v1#x"),
            "is an endpoint and shows no",
        ),
        (("audit", "good.jsonl", "--base", "./nowhere"), "nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(
    arguments: tuple[str, ...], expected: str, weighbridge: RunProgram
) -> None:
    _write("good.jsonl", _talk("Is it good?", "yes"))
    _write("empty.jsonl")
    Path("broken.jsonl").write_text(Path("good.jsonl").read_text() + "{\n")
    _write("item.jsonl", _talk("good morning I would like to book a table for two on Friday", "ok"))
    before = _names()
    done = weighbridge("data", *arguments)
    assert (done.status, done.out) == (2, "")
    assert expected in done.complaint
    assert done.complaint.startswith("weighbridge: ")
    assert "Traceback" not in done.err
    assert _names() - before <= {"results"}


def test_an_interrupted_step_leaves_nothing(weighbridge: RunProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_self: _Embedder, _texts: Sequence[str]) -> NDArray[np.float32]:
        raise KeyboardInterrupt

    monkeypatch.setattr(_Embedder, "embed", interrupted)
    _write("a.jsonl", _talk("Is it good?", "yes"), _talk("Is it bad?", "yes"))
    before = _names()
    done = weighbridge("data", "dedup", "a.jsonl", "--out", "b.jsonl")
    assert (done.status, done.complaint) == (2, "weighbridge: stopped; nothing was written")
    assert _names() == before
