"""The drafted recipe: valid, its prompts mixed from the arms that will be served."""

import dataclasses

import pytest

from harness import parse_arm
from training.preflight.draft import checked, draft_recipe, served_arms
from training.preflight.facts import Facts


def test_prompts_are_shared_among_zero_shot_and_the_best_retrieving_arm(ready: Facts) -> None:
    recipe = checked(draft_recipe(ready))
    assert recipe.prompt_arms == {"zero-shot": 0.5, "rag-3": 0.5}
    assert (recipe.base, recipe.data, recipe.task, recipe.lora.rank) == ("small", "train.jsonl", "sums", 16)


def test_arms_that_are_named_go_before_those_recorded(ready: Facts) -> None:
    arms = [parse_arm(name) for name in ("zero-shot", "rag-3", "fewshot-2")]
    shares = checked(draft_recipe(ready, arms)).prompt_arms
    assert list(shares) == ["zero-shot", "rag-3", "fewshot-2"]
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-9)


def test_examples_without_inputs_are_trained_as_they_stand(ready: Facts) -> None:
    assert ready.data is not None
    spoken = dataclasses.replace(ready, data=dataclasses.replace(ready.data, have_inputs=False))
    assert checked(draft_recipe(spoken, [parse_arm("rag-3")])).prompt_arms == {"zero-shot": 1.0}


@pytest.mark.parametrize(("examples", "epochs"), [(60, 3.0), (499, 3.0), (500, 2.0), (2000, 1.0)])
def test_fewer_examples_are_seen_more_often(ready: Facts, examples: int, epochs: float) -> None:
    assert ready.data is not None
    facts = dataclasses.replace(ready, data=dataclasses.replace(ready.data, examples=examples))
    assert checked(draft_recipe(facts)).epochs == epochs


def test_names_with_quotes_and_accents_survive(ready: Facts) -> None:
    assert checked(draft_recipe(dataclasses.replace(ready, task='./é "x"\\y'))).task == './é "x"\\y'


def test_only_usable_retrieving_runs_count_as_served(ready: Facts) -> None:
    few = tuple(dataclasses.replace(run, items=10, answered=10) for run in ready.runs)
    assert served_arms(few) == ("zero-shot",)
