"""A definition becomes cells: the product of its levels, without what is skipped, each once."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.domain.experiment import Cell
from harness.errors import InvalidExperiment
from harness.experiments.matrix.cells import matches, matrix_of
from harness.experiments.matrix.definition import Definition, Rule

Defined = Callable[..., Definition]
CHECKPOINTS: dict[str, Any] = {"data": None, "recipe": None, "reference": {"checkpoint": "a"}}


def names(definition: Definition) -> list[str]:
    matrix = matrix_of(definition, where="file.toml")
    return [cell.named(matrix.factors) for cell in matrix.cells]


def test_cells_are_the_product_in_the_order_of_the_file(defined: Defined) -> None:
    assert names(defined()) == [
        "none · zero-shot",
        "none · rag-3",
        "clean · zero-shot",
        "clean · rag-3",
        "noisy · zero-shot",
        "noisy · rag-3",
    ]


def test_a_skip_rule_takes_out_what_has_one_of_its_levels_in_every_factor_it_names(defined: Defined) -> None:
    skipped = defined(skip=[{"data": ["clean", "noisy"], "arm": "rag-3"}])
    assert names(skipped) == ["none · zero-shot", "none · rag-3", "clean · zero-shot", "noisy · zero-shot"]


def test_an_untrained_base_is_one_cell_whatever_would_train_it(
    fields: dict[str, Any], defined: Defined
) -> None:
    recipes = {"small": fields["recipe"]["small"], "long": fields["recipe"]["small"] | {"epoch": 1}}
    other = {"other": {"file": "fractions-zero-shot.toml", "set": {"base": "elsewhere"}}}
    factors = {"data": ["none", "clean"], "recipe": ["small", "long", "other"]}
    found = defined(factors=factors, recipe=recipes | other, reference={"data": "none", "recipe": "long"})
    matrix = matrix_of(found, where="file.toml")
    assert [(cell.data, cell.recipe) for cell in matrix.cells] == [
        ("none", "small"),
        ("none", "other"),
        ("clean", "small"),
        ("clean", "long"),
        ("clean", "other"),
    ]
    assert matrix.reference == matrix.cells[0]


def test_every_cell_is_compared_with_the_reference_and_then_as_the_file_asks(defined: Defined) -> None:
    further = {"cell": {"data": "noisy", "arm": "rag-3"}, "against": {"data": "clean", "arm": "rag-3"}}
    matrix = matrix_of(defined(compare=[further]), where="file.toml")
    assert len(matrix.comparisons) == 6
    assert all(other == matrix.reference for _, other in matrix.comparisons[:5])
    cell, against = matrix.comparisons[5]
    assert (cell.data, cell.arm, against.data, against.arm) == ("noisy", "rag-3", "clean", "rag-3")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"factors": {"data": ["clean", "dirty"], "recipe": ["small"]}},
            "factors.data names 'dirty', which is not defined: write a table [data.dirty]",
        ),
        ({"factors": {"data": ["clean"]}}, "factors name no model"),
        ({"factors": {"arm": ["zero-shot"]}}, "factors name no model"),
        (
            {"factors": {"checkpoint": ["a"], "data": ["clean"]}},
            "factors.checkpoint stands beside data or recipe",
        ),
        ({"skip": [{"arm": ["zero-shot", "rag-3"]}]}, "the skip rules leave none of 6 cells"),
        ({"skip": [{}]}, "skip 1 names no factor"),
        ({"skip": [{"arm": "rag-5"}]}, "skip 1.arm is 'rag-5', which is no level of this experiment"),
        ({"skip": [{"checkpoint": "a"}]}, "use one of none: the factor is not varied"),
        ({"reference": {"data": "none"}}, "reference fits 2 cells: name a level of arm too"),
        ({"reference": {"data": "raw"}}, "reference.data is 'raw'"),
        (
            {"skip": [{"data": "none", "arm": "zero-shot"}]},
            "reference is a cell that the skip rules leave out",
        ),
        (
            {"data": {"none": {"file": "x"}}, "factors": {"data": ["none"], "recipe": ["small"]}},
            "name is taken",
        ),
        (
            {
                "compare": [
                    {"cell": {"data": "none", "arm": "rag-3"}, "against": {"data": "none", "arm": "rag-3"}}
                ]
            },
            "compare 1 names one cell twice",
        ),
    ],
)
def test_what_leaves_nothing_to_measure_is_refused(
    defined: Defined, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidExperiment) as refused:
        matrix_of(defined(**changed), where="file.toml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("file.toml: ")


LEVELS = st.sampled_from(["a", "b", "c"])
CELLS = st.builds(Cell, checkpoint=LEVELS, arm=LEVELS, decoding=LEVELS)


@given(cell=CELLS, arms=st.lists(LEVELS, min_size=1), checkpoint=st.none() | LEVELS)
def test_a_rule_that_names_more_matches_no_more(cell: Cell, arms: list[str], checkpoint: str | None) -> None:
    wide = Rule(arm=tuple(arms))
    narrow = Rule(arm=tuple(arms), checkpoint=checkpoint)
    assert matches(wide, cell) or not matches(narrow, cell)
    assert matches(Rule(), cell)


def test_seeds_and_exports_are_crossed_for_what_is_trained_and_play_no_part_for_what_is_not(
    fields: dict[str, Any], defined: Defined
) -> None:
    factors = {"data": ["none", "clean"], "recipe": ["small"], "seed": [0, 7], "export": ["int8"]}
    reference = {"data": "clean", "seed": 7}
    found = defined(factors=factors, reference=reference)
    matrix = matrix_of(found, where="file.toml")
    assert [(cell.data, cell.seed, cell.export) for cell in matrix.cells] == [
        ("none", "", "safetensors"),
        ("clean", "0", "int8"),
        ("clean", "7", "int8"),
    ]
    assert matrix.reference == matrix.cells[2]
    assert len({cell.model for cell in matrix.cells}) == 3
    unknown = defined(factors=factors, reference={"data": "clean", "seed": 8})
    with pytest.raises(
        InvalidExperiment, match=r"reference\.seed is '8', which is no level .* use one of 0, 7"
    ):
        matrix_of(unknown, where="file.toml")
    assert fields["recipe"]["small"]


@pytest.mark.parametrize(("factor", "levels"), [("seed", [1, 2]), ("export", ["safetensors", "int8"])])
def test_what_is_not_trained_here_has_no_seed_and_no_export(
    factor: str, levels: list[Any], defined: Defined
) -> None:
    factors = {"checkpoint": ["a", "b"], factor: levels}
    with pytest.raises(InvalidExperiment, match=f"factors.{factor} stands beside checkpoint"):
        matrix_of(defined(**{**CHECKPOINTS, "factors": factors}), where="file.toml")
