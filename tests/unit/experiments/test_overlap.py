"""Which items count as trained on: their own words, never the task's."""

import dataclasses
from collections.abc import Callable

import pytest

from harness.domain.task import Item, Probe, Task
from harness.experiments.overlap import own_runs, probe_runs, task_runs, trained_on
from training.shingles import all_shingles

WORDING = (
    "Read the passage with care and then answer the question below in one line of plain text, with nothing "
    "else: "
)
PASSAGES = tuple(
    f"In the year {year} the town of {town} counted {year + 7} sheep and {year - 3} goats on its {town} hills"
    for year, town in enumerate(("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel"), start=1700)
)


@pytest.fixture
def reading(a_task: Callable[..., Task]) -> Task:
    """Six passages, each under the same long wording."""
    items = tuple(
        Item(id=f"r{number}", cluster=f"town {number}", inputs={"passage": passage})
        for number, passage in enumerate(PASSAGES)
    )
    return dataclasses.replace(a_task(), items=items, ask=lambda inputs: WORDING + str(inputs["passage"]))


def test_an_item_that_was_trained_on_is_found_and_its_neighbours_are_not(reading: Task) -> None:
    seen = all_shingles([WORDING + PASSAGES[2]])
    assert trained_on(task_runs(reading), seen) == ("r2",)


def test_words_of_an_item_are_found_within_another_text(reading: Task) -> None:
    seen = all_shingles([f"Summarise. {PASSAGES[4]}. Say no more than you must."])
    assert trained_on(task_runs(reading), seen) == ("r4",)


def test_the_wording_that_all_items_share_is_no_item(reading: Task) -> None:
    seen = all_shingles([f"{WORDING}Nobody ever asked this of anyone, in any town or on any hill at all"])
    assert trained_on(task_runs(reading), seen) == ()


def test_an_item_that_has_nothing_of_its_own_keeps_all_its_words() -> None:
    runs = {name: frozenset({1, 2}) for name in ("a", "b", "c")} | {"d": frozenset({1, 2, 3})}
    own = own_runs(runs, {name: name for name in runs})
    assert own == {**{name: frozenset({1, 2}) for name in ("a", "b", "c")}, "d": frozenset({3})}


def test_what_items_of_one_source_share_is_their_own() -> None:
    runs = {name: frozenset({1}) for name in "abcd"}
    assert own_runs(runs, dict.fromkeys(runs, "one passage")) == runs


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("billing", ()),
        ({"answer": PASSAGES[0]}, ()),
        (PASSAGES[0], ("i1",)),
    ],
    ids=["a word", "no text", "a text"],
)
def test_a_reference_counts_where_it_is_a_text(
    reference: str | dict[str, str], found: tuple[str, ...], a_task: Callable[..., Task]
) -> None:
    first, *others = a_task().items
    task = dataclasses.replace(
        a_task(),
        items=(dataclasses.replace(first, reference=reference), *others),  # type: ignore[arg-type]
    )
    assert trained_on(task_runs(task), all_shingles(["billing", PASSAGES[0]])) == found


def test_a_short_question_of_a_probe_is_found_with_its_right_answer_alone(
    a_probe: Callable[..., Probe],
) -> None:
    runs = probe_runs(a_probe(items=4))
    assert trained_on(runs, all_shingles(["Question 2: yes", "question 3 NEVER"])) == ("p2",)
