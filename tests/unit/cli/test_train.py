"""`weighbridge train`: what is refused before anything is loaded, in a sentence and with exit code 2."""

import json
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram

TURNS = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]


def a_recipe(folder: Path, text: str = 'base = "nowhere"\ndata = "train.jsonl"\n') -> Path:
    path = folder / "recipe.toml"
    path.write_text(text)
    return path


def data(folder: Path, *rows: object) -> None:
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


EXAMPLES = tuple({"messages": [{"role": "user", "content": f"q{n}"}, TURNS[1]]} for n in range(4))


@pytest.mark.parametrize(
    ("rows", "arguments", "said"),
    [
        ((), ("--accept-unreviewed-by", "Ada"), "holds no"),
        (EXAMPLES, (), "nobody has reviewed the training data: read the data"),
        (EXAMPLES, ("--accept-unreviewed-by", " "), "nobody has reviewed the training data"),
        (EXAMPLES, ("--review", "none.json"), "none.json could not be read"),
        (EXAMPLES[:1], ("--accept-unreviewed-by", "Ada"), "1 examples ask 1 different questions"),
        (EXAMPLES, ("--accept-unreviewed-by", "Ada"), "unknown checkpoint 'nowhere'"),
        (EXAMPLES, ("--set", "epoch=1"), "epoch is no key of a recipe: did you mean epochs?"),
        (EXAMPLES, ("--set", "epochs"), "--set 'epochs' is no setting"),
        (
            EXAMPLES,
            ("--accept-unreviewed-by", "Ada", "--set", "base=http://127.0.0.1:1/v1#m"),
            "base http://127.0.0.1:1/v1#m is an endpoint",
        ),
        (EXAMPLES, ("--set", "task=nothing"), "unknown task 'nothing'"),
        (EXAMPLES, ("--set", "data=other.jsonl"), "other.jsonl could not be read"),
        (({"messages": TURNS[::-1]},), (), "line 1: roles are out of order"),
    ],
)
def test_a_mistake_is_one_sentence(
    weighbridge: RunProgram, in_tmp: Path, rows: tuple[object, ...], arguments: tuple[str, ...], said: str
) -> None:
    data(in_tmp, *rows)
    done = weighbridge("train", a_recipe(in_tmp), "--out", in_tmp / "out", *arguments)
    assert done.status == 2
    assert said in done.complaint
    assert "Traceback" not in done.err
    assert not (in_tmp / "out").exists()


def test_examples_that_are_validated_on_too_are_refused(weighbridge: RunProgram, in_tmp: Path) -> None:
    data(in_tmp, *EXAMPLES)
    (in_tmp / "look.jsonl").write_text(json.dumps(EXAMPLES[0]) + "\n")
    recipe = a_recipe(in_tmp, 'base = "nowhere"\ndata = "train.jsonl"\nvalidation = "look.jsonl"\n')
    done = weighbridge("train", recipe, "--out", in_tmp / "out", "--accept-unreviewed-by", "Ada")
    assert done.status == 2
    assert "1 of 1 examples in" in done.complaint
    assert "are trained on too" in done.complaint


def test_preferences_are_read_as_preferences(weighbridge: RunProgram, in_tmp: Path) -> None:
    data(in_tmp, *EXAMPLES)
    recipe = a_recipe(in_tmp, 'base = "nowhere"\ndata = "train.jsonl"\nmethod = "dpo"\n')
    done = weighbridge("train", recipe, "--out", in_tmp / "out", "--accept-unreviewed-by", "Ada")
    assert done.status == 2
    assert "line 1 is no preference" in done.complaint
