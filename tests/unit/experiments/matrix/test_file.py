"""An experiment file says what is wrong with it in one sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InvalidExperiment
from harness.experiments.matrix.definition import Definition, Draw, Mix
from harness.experiments.matrix.file import load_definition, parse_definition


def test_a_file_is_read_with_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "e.toml"
    path.write_text(
        'question = "?"\ntask = "tickets"\nreference = { arm = "zero-shot" }\n'
        '[factors]\ncheckpoint = ["a"]\narm = ["zero-shot", "rag-3"]\n'
        '[data.one]\ndraw = "tickets"\ncount = 4\n[data.two]\nmix = "one"\ngeneral = "one"\ndilute = 10\n'
    )
    found = load_definition(path)
    assert (found.items, found.waits, found.factors.decoding) == (48, 0, ("task",))
    assert found.data["one"] == Draw(draw="tickets", count=4)
    assert found.data["two"] == Mix(mix="one", general="one", dilute=10.0)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": {"a": {"draw": "t", "cuont": 3}}}, "unknown key 'data.a.cuont': did you mean count?"),
        ({"data": {"a": {"draw": "t"}}}, "data.a.count is missing: write it"),
        ({"data": {"a": {"draw": "t", "count": 1}}}, "data.a.count is 1: input should be greater"),
        (
            {"data": {"a": {"count": 3}}},
            "data.a is {'count': 3}: it says how it is made by one of draw, file",
        ),
        ({"data": {"a": {"draw": "t", "mix": "b"}}}, "write exactly one"),
        ({"data": {"a/b": {"file": "x"}}}, "'data.a/b' is no name for a level"),
        ({"data": {"a": 3}}, "data.a is 3: it says how it is made"),
        ({"recipe": {"r": {"file": "x", "epoch": 0}}}, "recipe.r.epoch is 0"),
        ({"recipe": {"r": {"fiel": "x"}}}, "unknown key 'recipe.r.fiel': did you mean file?"),
        (
            {"decoding": {"d": {"temprature": 1.0}}},
            "unknown key 'decoding.d.temprature': did you mean temperature",
        ),
        ({"decoding": {"d": {"temperature": 3}}}, "decoding.d.temperature is 3"),
        ({"factors": {"arm": []}}, "factors.arm is empty: name at least one level"),
        ({"factors": {"model": ["a"]}}, "unknown factor 'factors.model': use one of checkpoint, data"),
        ({"factors": {"merge_into": ["half"]}}, "factors.merge_into.0 is 'half'"),
        ({"skip": [{"arms": "a"}]}, "unknown factor 'skip.0.arms': did you mean arm?"),
        ({"compare": [{"cell": {"arms": "a"}, "against": {}}]}, "unknown factor 'compare.0.cell.arms'"),
        ({"reference": {"arms": "a"}}, "unknown factor 'reference.arms'"),
        ({"itmes": 3}, "unknown key 'itmes': did you mean items?"),
        ({"question": None}, "question is missing: write it"),
        ({"question": ""}, "question is ''"),
    ],
)
def test_the_first_wrong_key_is_named(
    defined: Callable[..., Definition], changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidExperiment) as refused:
        defined(**changed)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_stands_in_the_file_is_quoted_shortly() -> None:
    with pytest.raises(InvalidExperiment) as refused:
        parse_definition({"question": ["x" * 5_000], "task": "t"}, where="file.toml")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = ", b"[" * 3_000])
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "e.toml"
    path.write_bytes(content)
    with pytest.raises(InvalidExperiment, match="is not TOML"):
        load_definition(path)
    with pytest.raises(InvalidExperiment, match="could not be read"):
        load_definition(tmp_path / "none.toml")
