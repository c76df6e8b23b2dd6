"""`weighbridge drift`: what cannot be looked at is told in a sentence, and nothing is kept."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram


def written(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def train(in_tmp: Path) -> Path:
    rows: list[object] = [{"instruction": f"What is {n} + 1?", "output": str(n + 1)} for n in range(100)]
    return written(in_tmp / "train.jsonl", rows)


@pytest.mark.parametrize(
    ("live", "options", "sentence"),
    [
        (["only", "these"], ("--owner", "Ada"), "live.jsonl holds 2 distinct inputs: at least 30 are needed"),
        (["only"], (), "nobody is named who answers for the checkpoint: give --owner NAME"),
        (
            ["only"],
            ("--owner", "Ada", "--every-days", "0"),
            "'--every-days': Input should be greater than or equal to 1",
        ),
        (
            ["only"],
            ("--owner", "Ada", "--within-days", "0"),
            "'--within-days': Input should be greater than or equal to 1",
        ),
        (["only"], ("--owner", "Ada", "--embedder", "nowhere"), "unknown embedder 'nowhere'"),
        (
            [{"reply": "\x1b[2J"}],
            ("--owner", "Ada"),
            "live.jsonl, line 1 holds no input: write one JSON object",
        ),
        ([{"inputs": {"a": 1}}], ("--owner", "Ada"), "name it with --task"),
        ([], ("--owner", "Ada"), "live.jsonl holds no inputs"),
    ],
)
def test_what_cannot_be_looked_at_is_one_sentence(
    live: list[object], options: tuple[str, ...], sentence: str, train: Path, weighbridge: RunProgram
) -> None:
    path = written(train.with_name("live.jsonl"), live)
    done = weighbridge("drift", path, "--data", train, *options)
    assert (done.status, done.out) == (2, "")
    assert sentence in done.complaint
    assert not Path("results/drift").exists()
