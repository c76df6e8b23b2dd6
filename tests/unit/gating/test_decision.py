from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from harness.domain.decision import Decision, Footing, Holder, LadderTerms, Ruling
from harness.domain.manifest import GateManifest
from harness.domain.response import FailureKind, GenerationFailure
from harness.domain.run import ItemResult, RunSpec, Side
from harness.gating.decision import decide_ladder
from tests.fakes.manifests import a_manifest

Cell = tuple[Side, str]
Recorded = tuple[GateManifest, dict[str, tuple[ItemResult, ...]]]
Record = Callable[..., Recorded]

ARMS = ("zero-shot", "fewshot-3", "rag-3")
FAILURE = GenerationFailure(kind=FailureKind.TIMEOUT, message="no reply")
TERMS = LadderTerms(gain=0.1, margin=0.1)


@pytest.fixture
def record(a_run: Callable[..., RunSpec], results_of: Callable[..., tuple[ItemResult, ...]]) -> Record:
    """Makes the manifest of a decision and its results from the scores of every cell."""

    def build(cells: Mapping[Cell, Sequence[object]], **manifest: object) -> Recorded:
        runs, results = [], {}
        for (side, arm), values in cells.items():
            run = a_run(side, [f"i{number}" for number in range(len(values))], arm=arm)
            runs.append(run)
            results[run.id] = results_of(run, values)
        return a_manifest(**{"runs": runs, "ladder": TERMS, **manifest}), results

    return build


def scored(rates: Mapping[Cell, float], items: int = 400) -> dict[Cell, list[float]]:
    """Right-or-wrong scores at each cell's rate, on items that are equally hard for all."""
    hardness = np.random.default_rng(4).permutation(items) / items
    return {cell: (hardness < rate).astype(float).tolist() for cell, rate in rates.items()}


def factorial(base: Sequence[float], tuned: Sequence[float]) -> dict[Cell, float]:
    named = [(Side.BASELINE, arm) for arm in ARMS] + [(Side.CANDIDATE, arm) for arm in ARMS]
    return dict(zip(named, (*base, *tuned), strict=True))


def decided(recorded: Recorded) -> Decision:
    manifest, results = recorded
    return decide_ladder(manifest, results.__getitem__)


def test_examples_that_are_as_good_as_training_spare_it(record: Record) -> None:
    found = decided(record(scored(factorial((0.1, 0.3, 0.7), (0.7, 0.7, 0.7)))))
    assert (found.ruling, str(found.stands_on)) == (Ruling.DO_NOT_TRAIN, "base x rag-3")
    assert found.reason.startswith(
        "stand on base x rag-3: at 0.700 on 400 items it is shown to lack no more "
    )
    assert [each.footing for each in found.rungs[:3]] == [Footing.SHORT, Footing.SHORT, Footing.HOLDS]
    assert "would have to add more than 10 points to base x rag-3" in found.would_change[0]


def test_training_that_beats_even_the_best_prompt_earns_its_place(record: Record) -> None:
    found = decided(record(scored(factorial((0.1, 0.3, 0.5), (0.8, 0.8, 0.8)))))
    assert (found.ruling, str(found.stands_on)) == (Ruling.TRAIN, "tuned x zero-shot")
    assert "(the best of them, base x rag-3, by +30.0, at least +2" in found.reason


def test_rungs_come_in_the_order_of_their_cost_whatever_the_order_of_the_runs(record: Record) -> None:
    cells = scored(factorial((0.1, 0.3, 0.7), (0.7, 0.7, 0.7)))
    cells |= {(Side.ANCHOR, arm): cells[Side.BASELINE, arm] for arm in ARMS}
    found = decided(record(dict(reversed(cells.items()))))
    assert [str(each.rung) for each in found.rungs] == [
        f"{holder} x {arm}" for holder in Holder for arm in ARMS
    ]


def test_the_contrasts_are_those_of_the_factorial(record: Record) -> None:
    found = decided(record(scored(factorial((0.1, 0.3, 0.7), (0.6, 0.65, 0.8)))))
    deltas = {each.name: each.delta for each in found.contrasts}
    assert deltas["training, under zero-shot"] == pytest.approx(0.5)
    assert deltas["rag-3 in place of zero-shot, untrained"] == pytest.approx(0.6)
    assert deltas["training, under rag-3"] == pytest.approx(0.1)
    assert deltas["training and rag-3 together"] == pytest.approx(0.7)
    assert deltas["interaction of training and rag-3"] == pytest.approx(-0.4)
    assert all(low <= each.delta <= high for each in found.contrasts for low, high in [each.interval])


def test_too_few_items_leave_it_open_and_say_how_many_more_would_settle_it(record: Record) -> None:
    found = decided(record(scored(factorial((0.1, 0.3, 0.5), (0.4, 0.5, 0.7)), items=40)))
    assert (found.ruling, found.stands_on) == (Ruling.INCONCLUSIVE, None)
    assert "fine-tuning is not shown to gain more than 10 points" in found.reason
    (settles,) = found.would_change
    assert settles.startswith("about ")
    assert settles.endswith("settle whether tuned x rag-3 gains more than 10 points over base x rag-3")


def test_training_that_is_earned_on_an_unknown_rung_says_which_are_undecided(record: Record) -> None:
    found = decided(record(scored(factorial((0.1, 0.1, 0.1), (0.72, 0.74, 0.8)), items=150)))
    assert found.ruling is Ruling.TRAIN
    assert str(found.stands_on) == "tuned x rag-3"
    assert [line.split(" would do ")[0] for line in found.would_change[1:]] == [
        "whether tuned x zero-shot",
        "whether tuned x fewshot-3",
    ]


@pytest.mark.parametrize(
    ("base", "tuned", "ruling", "reason"),
    [
        (
            (0.1, 0.1, 0.1),
            (0.7, 0.75, 0.72),
            Ruling.TRAIN,
            "but which fine-tuned rung to stand on is undecided",
        ),
        (
            (0.7, 0.75, 0.72),
            (0.1, 0.1, 0.1),
            Ruling.DO_NOT_TRAIN,
            "but which prompt to stand on is undecided",
        ),
    ],
    ids=["training is earned", "training is spared"],
)
def test_whether_to_train_can_be_settled_while_the_rung_is_not(
    base: Sequence[float],
    tuned: Sequence[float],
    ruling: Ruling,
    reason: str,
    record: Record,
) -> None:
    cells = scored(factorial(base, tuned), items=60)
    # Each arm is right on items of its own, so that none is shown to be as good as another.
    cells = {
        cell: values[7 * place :] + values[: 7 * place] for place, (cell, values) in enumerate(cells.items())
    }
    found = decided(record(cells))
    assert (found.ruling, found.stands_on) == (ruling, None)
    assert reason in found.reason
    assert sum("would do is undecided" in line for line in found.would_change) == 3


def test_the_same_results_give_the_same_decision(record: Record) -> None:
    recorded = record(scored(factorial((0.1, 0.3, 0.5), (0.4, 0.5, 0.7))))
    assert decided(recorded) == decided(recorded)


@pytest.mark.parametrize("lacking", [(Side.BASELINE, "rag-3"), (Side.CANDIDATE, "zero-shot")])
def test_a_missing_cell_makes_the_decision_invalid(lacking: Cell, record: Record) -> None:
    cells = scored(factorial((0.1, 0.3, 0.7), (0.7, 0.7, 0.7)))
    del cells[lacking]
    found = decided(record(cells))
    assert found.ruling is Ruling.INVALID
    assert f"x {lacking[1]} is missing" in found.reason
    assert (found.stands_on, found.rungs, found.contrasts) == (None, (), ())


def test_a_cell_that_lacks_a_result_makes_the_decision_invalid(record: Record) -> None:
    manifest, results = record(scored(factorial((0.1, 0.3, 0.7), (0.7, 0.7, 0.7)), items=30))
    last = manifest.runs[-1].id
    found = decided((manifest, results | {last: results[last][1:]}))
    assert found.ruling is Ruling.INVALID
    assert "1 of 30 items have no tuned result for arm rag-3, first 'i0'" in found.reason


def test_cells_on_other_items_are_unpaired(record: Record) -> None:
    cells = scored(factorial((0.1, 0.3, 0.7), (0.7, 0.7, 0.7)), items=30)
    cells[Side.CANDIDATE, "rag-3"] = cells[Side.CANDIDATE, "rag-3"][:20]
    found = decided(record(cells))
    assert found.ruling is Ruling.INVALID
    assert "was asked other items than" in found.reason


@pytest.mark.parametrize(("failures", "ruling"), [(1, Ruling.DO_NOT_TRAIN), (9, Ruling.INVALID)])
def test_requests_that_fail_in_any_one_cell_make_the_decision_invalid(
    failures: int, ruling: Ruling, record: Record
) -> None:
    cells: dict[Cell, list[object]] = {
        cell: list(values) for cell, values in scored(factorial((0.7,) * 3, (0.7,) * 3)).items()
    }
    cells[Side.CANDIDATE, "fewshot-3"][:failures] = [FAILURE] * failures
    found = decided(record(cells))
    assert found.ruling is ruling
    assert ("9 of 400 requests of tuned x fewshot-3 got no reply" in found.reason) is (failures > 1)


@pytest.mark.parametrize(
    ("perfect", "ruling", "missing"),
    [
        (0.8, Ruling.DO_NOT_TRAIN, "what is missing is knowledge, so the answer is retrieval, not training"),
        (0.3, Ruling.TRAIN, "what is missing is behaviour, which retrieval does not give"),
        (0.71, Ruling.TRAIN, "whether knowledge or behaviour is missing is undecided"),
    ],
    ids=["the paragraph closes the gap", "it does not", "undecided"],
)
def test_where_the_perfect_paragraph_closes_the_gap_retrieval_is_the_answer(
    perfect: float, ruling: Ruling, missing: str, record: Record
) -> None:
    cells = factorial((0.1, 0.3, 0.5), (0.8, 0.8, 0.8))
    oracle = {(Side.BASELINE, "oracle-context"): perfect, (Side.CANDIDATE, "oracle-context"): 0.9}
    found = decided(record(scored(cells | oracle)))
    assert found.ruling is ruling
    assert found.diagnosis.endswith(missing)
    assert (found.diagnosis in found.reason) is (ruling is Ruling.DO_NOT_TRAIN)


def test_the_perfect_paragraph_is_no_rung_because_nobody_can_serve_it(record: Record) -> None:
    oracle = {(Side.BASELINE, "oracle-context"): 1.0, (Side.CANDIDATE, "oracle-context"): 1.0}
    found = decided(record(scored(factorial((0.7,) * 3, (0.7,) * 3) | oracle)))
    assert {each.rung.arm for each in found.rungs} == set(ARMS)
    assert (found.ruling, str(found.stands_on)) == (Ruling.DO_NOT_TRAIN, "base x zero-shot")


def test_without_that_arm_nothing_is_said_of_knowledge_or_behaviour(record: Record) -> None:
    assert decided(record(scored(factorial((0.7,) * 3, (0.7,) * 3)))).diagnosis == ""


def test_items_of_one_source_are_no_evidence(
    record: Record, results_of: Callable[..., tuple[ItemResult, ...]]
) -> None:
    cells = scored(factorial((0.1, 0.3, 0.7), (0.7, 0.7, 0.7)), items=30)
    manifest, _ = record(cells)
    values = dict(zip([run.id for run in manifest.runs], cells.values(), strict=True))
    alike = {run.id: results_of(run, values[run.id], ["one"] * 30) for run in manifest.runs}
    found = decided((manifest, alike))
    assert (found.ruling, "belong to cluster 'one'" in found.reason) == (Ruling.INVALID, True)
