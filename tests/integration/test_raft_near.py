"""Distractors by meaning, with the real embedder."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram

pytestmark = pytest.mark.integration

FELINE = {
    "a": "A kitten drinks milk from a saucer.",
    "b": "The cat sleeps on a warm windowsill.",
    "c": "Tomcats roam the yard at night.",
    "d": "A feline licks its paws.",
}
MONEY = {
    "w": "The bank raised its interest rate.",
    "x": "Bonds fell on the stock exchange.",
    "y": "Inflation eats up savings.",
    "z": "A loan is paid back in instalments.",
}


def test_the_distractors_are_those_that_mean_something_alike(weighbridge: RunProgram, in_tmp: Path) -> None:
    documents = [{"id": name, "text": text} for name, text in (FELINE | MONEY).items()]
    turns = [
        {"role": "user", "content": "Where does the pet cat like to nap?"},
        {"role": "assistant", "content": "On a warm windowsill"},
    ]
    (in_tmp / "docs.jsonl").write_text("\n".join(map(json.dumps, documents)))
    (in_tmp / "qa.jsonl").write_text(json.dumps({"id": "q", "messages": turns, "source": "b"}))
    how = ("--corpus", "docs.jsonl", "--oracle-share", "1", "--distractors", "3", "--out", "out.jsonl")
    done = weighbridge("data", "raft", "qa.jsonl", *how)
    assert (done.status, done.out.partition(":")[0]) == (0, "1 examples written to out.jsonl")
    asked = json.loads((in_tmp / "out.jsonl").read_text())["messages"][0]["content"]
    assert all(text in asked for text in FELINE.values())
    assert not any(text in asked for text in MONEY.values())
