import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from harness.domain.decision import Footing, Holder, LadderTerms, Ruling, Rung
from harness.gating.decision import ruled
from harness.gating.ladder import Ladder, ladder
from harness.stats.joint_means import joint_means

PROMPTS = tuple(Rung(holder=Holder.BASE, arm=arm) for arm in ("zero-shot", "rag-3"))
TUNED = tuple(Rung(holder=Holder.TUNED, arm=arm) for arm in ("zero-shot", "rag-3"))
TERMS = LadderTerms(gain=0.1, margin=0.05)
_TRIALS = 80


def drawn(
    random: np.random.Generator, rates: Sequence[float], *, items: int, terms: LadderTerms = TERMS
) -> Ladder:
    """The ladder of base and tuned under two arms, each right at its rate on items that are equally hard."""
    hardness = random.standard_normal((items, 1))
    own = random.standard_normal((items, len(rates)))
    right = (2 * hardness + own) / np.sqrt(5) < stats.norm.ppf(rates)
    means = joint_means(right.astype(float).tolist(), list(range(items)))
    return ladder(means, PROMPTS + TUNED, terms, alpha=0.05, seed=int(random.integers(1 << 30)))


def on(rates: Sequence[float], *, items: int = 3000, terms: LadderTerms = TERMS) -> Ladder:
    return drawn(np.random.default_rng(5), rates, items=items, terms=terms)


@pytest.mark.parametrize(
    ("rates", "ruling", "place"),
    [
        ((0.6, 0.6, 0.6, 0.6), Ruling.DO_NOT_TRAIN, 0),
        ((0.3, 0.6, 0.6, 0.6), Ruling.DO_NOT_TRAIN, 1),
        ((0.3, 0.6, 0.3, 0.65), Ruling.DO_NOT_TRAIN, 1),
        ((0.3, 0.4, 0.8, 0.8), Ruling.TRAIN, 2),
        ((0.3, 0.4, 0.5, 0.8), Ruling.TRAIN, 3),
        ((0.3, 0.4, 0.4, 0.5), Ruling.INCONCLUSIVE, None),
        ((0.6, 0.65, 0.3, 0.3), Ruling.DO_NOT_TRAIN, 1),
    ],
    ids=[
        "all alike",
        "examples do it",
        "training gains less than it must",
        "training alone does it",
        "only both together do it",
        "the gain lies at the bar",
        "a cheaper prompt is undecided",
    ],
)
def test_the_lowest_rung_that_holds_is_stood_on(
    rates: tuple[float, ...], ruling: Ruling, place: int | None
) -> None:
    assert ruled(on(rates)) == (ruling, place)


def test_few_items_settle_nothing() -> None:
    steps = on((0.6, 0.6, 0.6, 0.6), items=20)
    assert ruled(steps) == (Ruling.INCONCLUSIVE, None)
    assert {steps.footing(place) for place in range(4)} == {Footing.OPEN}


def test_a_trained_rung_must_itself_beat_every_prompt_by_the_gain() -> None:
    steps = on((0.3, 0.3, 0.4, 0.44), terms=LadderTerms(gain=0.11, margin=0.1), items=20_000)
    assert (steps.footing(2), steps.has_earned(2)) == (Footing.HOLDS, False)
    assert ruled(steps) == (Ruling.TRAIN, 3)


def test_a_prompt_that_holds_and_training_that_has_earned_its_place_exclude_each_other() -> None:
    random = np.random.default_rng(8)
    for _ in range(20):
        steps = drawn(random, random.uniform(0.1, 0.9, 4).tolist(), items=120)
        assert not (steps.earns and steps.spares)
        holds = [steps.footing(place) is Footing.HOLDS for place in steps.prompts]
        assert not (steps.earns and any(holds))


def test_a_gap_is_the_same_from_either_side() -> None:
    steps = on((0.3, 0.5, 0.6, 0.7), items=100)
    one, other = steps.gap(3, 0), steps.gap(0, 3)
    assert (one.delta, one.lower, one.upper) == (-other.delta, -other.upper, -other.lower)


def test_the_best_need_not_be_known_and_still_costs_less_than_all_pairs() -> None:
    steps = on((0.6, 0.6, 0.6, 0.6), items=200)
    every_pair = stats.t(199).ppf(1 - 0.05 / 12)
    assert stats.t(199).ppf(0.95) < steps.critical < every_pair


@pytest.mark.parametrize(
    ("rates", "false_claim"),
    [
        ((0.5, 0.5, 0.6, 0.6), Ruling.TRAIN),
        ((0.5, 0.5, 0.6, 0.6), Ruling.DO_NOT_TRAIN),
        ((0.02, 0.02, 0.12, 0.12), Ruling.TRAIN),
        ((0.88, 0.88, 0.98, 0.98), Ruling.DO_NOT_TRAIN),
    ],
)
def test_a_false_ruling_is_rarer_than_alpha_where_the_truth_lies_at_the_gain(
    rates: tuple[float, ...], false_claim: Ruling
) -> None:
    random = np.random.default_rng(21)
    wrong = sum(ruled(drawn(random, rates, items=80))[0] is false_claim for _ in range(_TRIALS))
    assert wrong / _TRIALS < 0.05 + 3 * np.sqrt(0.05 * 0.95 / _TRIALS)


def test_a_prompt_that_is_worse_than_another_by_the_margin_is_hardly_ever_stood_on() -> None:
    random = np.random.default_rng(22)
    terms = LadderTerms(gain=0.15, margin=0.15)
    rates = (0.5, 0.65, 0.6, 0.65)
    wrong = sum(ruled(drawn(random, rates, items=150, terms=terms))[1] == 0 for _ in range(_TRIALS))
    assert wrong / _TRIALS < 0.05 + 3 * np.sqrt(0.05 * 0.95 / _TRIALS)


def test_the_items_that_would_settle_a_gap_do_settle_it() -> None:
    steps = on((0.5, 0.5, 0.56, 0.56), items=100)
    gap = steps.pivot
    more = steps.more_items(gap, 0.3)
    assert more is not None
    times = 1 + more / steps.items
    narrow = steps.critical * steps.family.half_width(gap.place, 1.0, times=times)
    assert narrow < abs(gap.delta - 0.3)


def test_no_number_of_items_settles_a_gap_that_lies_at_the_bar() -> None:
    steps = on((0.5, 0.5, 0.6, 0.6), items=100)
    assert steps.more_items(steps.pivot, steps.pivot.delta) is None


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"gain": 0.0}, "--gain is 0 points"),
        ({"gain": 1.0}, "--gain is 100 points"),
        ({"margin": -0.1}, "--margin is -10 points"),
        ({"gain": float("nan")}, "--gain is nan points"),
        ({"gain": 0.02, "margin": 0.05}, "could never be worth it"),
    ],
)
def test_terms_that_cannot_be_met_are_refused(terms: dict[str, float], sentence: str) -> None:
    with pytest.raises(Exception, match=sentence):
        dataclasses.replace(LadderTerms(), **terms)
