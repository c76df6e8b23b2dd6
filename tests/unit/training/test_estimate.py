"""Memory and time from structure."""

from dataclasses import replace

import pytest

from training.estimate import Load, Machine, estimate, smallest_change
from training.recipe import Recipe
from training.traced import Traced

MACHINE = Machine(runtime_bytes=1000, flops_per_s=1e6, on_gpu=False)
LOAD = Load(tokens=100, learnt=10, all_tokens=5000, examples=50)
TRACED = Traced(
    kept_bytes=64_000,
    checkpoint_bytes=4_000,
    layers=4,
    base_bytes=7_000,
    widest_bytes=50,
    trainable=10,
    matrix_parameters=200,
    vocabulary=8,
    hidden=4,
    widest_output=3,
    number_bytes=2,
)


def a_recipe(**fields: object) -> Recipe:
    return Recipe.model_validate({"base": "b", "data": "d", **fields})


def test_every_part_of_the_memory_is_named_and_counted() -> None:
    found = estimate(a_recipe(), TRACED, LOAD, MACHINE)
    assert found.parts == {
        "runtime": 1000,
        "base": 7_000,
        "adapter": 20,
        "gradients": 20,
        "optimizer": 40,
        "activations": 64_000,
        "output layer": 8 * 10 * 8 * 14,
        "scratch": 50 + 2 * 8 * 100 * 3,
    }
    assert found.memory_bytes == sum(found.parts.values())


def test_checkpointing_keeps_inputs_and_one_block_and_takes_half_as_long_again() -> None:
    plain = estimate(a_recipe(), TRACED, LOAD, MACHINE)
    found = estimate(a_recipe(gradient_checkpointing=True), TRACED, LOAD, MACHINE)
    assert found.parts["activations"] == 4_000 + 64_000 // 4
    assert found.duration_s == pytest.approx(plain.duration_s * 1.5)


def test_steps_count_the_last_batch_that_is_not_full() -> None:
    assert estimate(a_recipe(epochs=2.0), TRACED, LOAD, MACHINE).steps == 2 * 7
    assert estimate(a_recipe(epochs=1.0, accumulate_batches=3), TRACED, LOAD, MACHINE).steps == 3


def test_an_adapter_in_full_precision_is_held_in_four_bytes() -> None:
    assert estimate(a_recipe(quantization="none"), TRACED, LOAD, MACHINE).parts["adapter"] == 40


def test_on_a_gpu_tiles_are_folded_in_place() -> None:
    found = estimate(a_recipe(), TRACED, LOAD, replace(MACHINE, on_gpu=True))
    assert found.parts["output layer"] == 8 * 10 * 8 * 2
    assert found.parts["optimizer"] == 20


@pytest.mark.parametrize(
    ("fits", "said"),
    [
        (lambda recipe: recipe.batch_examples <= 4, "batch_examples = 4 with accumulate_batches = 2"),
        (lambda recipe: recipe.batch_examples <= 1, "batch_examples = 1 with accumulate_batches = 8"),
        (lambda recipe: recipe.gradient_checkpointing, "gradient_checkpointing = true, which takes"),
        (
            lambda recipe: recipe.gradient_checkpointing and recipe.batch_examples == 1,
            "gradient_checkpointing = true and batch_examples = 1",
        ),
        (lambda recipe: recipe.lora.rank < 16, "lora.rank = 4"),
        (lambda recipe: recipe.max_tokens < 200, "max_tokens = 150"),
    ],
)
def test_the_smallest_change_that_fits_is_named(fits: object, said: str) -> None:
    found = smallest_change(a_recipe(), fits, longest_tokens=600)  # type: ignore[arg-type]
    assert found is not None
    assert said in found


def test_where_nothing_fits_no_change_is_named() -> None:
    assert smallest_change(a_recipe(), lambda _: False, longest_tokens=600) is None
