import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.errors import InvalidComparison
from harness.stats.ppi import ppi_mean
from harness.stats.stratified import Stratum, p_not_below, stratified_mean, stratified_share

BITS = some.lists(some.sampled_from((0.0, 1.0)), min_size=2, max_size=30)


def read(human: list[float], unread: int, *, judge: float = 0.0) -> Stratum:
    """A stratum whose judge says the same of everything."""
    return Stratum(human=human, judge_on_labelled=[judge] * len(human), judge_on_rest=[judge] * unread)


def test_one_stratum_is_ppi_as_it_is() -> None:
    random = np.random.default_rng(1)
    human = random.choice([-1.0, 0.0, 1.0], 400, p=[0.2, 0.6, 0.2])
    judge = np.clip(human + random.normal(0.1, 0.4, 400), -1, 1)
    parts = human[:60].tolist(), judge[:60].tolist(), judge[60:].tolist()
    plain = ppi_mean(*parts, alpha=0.05)
    found = stratified_mean(
        [Stratum(human=parts[0], judge_on_labelled=parts[1], judge_on_rest=parts[2])], alpha=0.05
    )
    assert (found.estimate, found.interval, found.tuning) == (plain.estimate, plain.interval, plain.tuning)
    assert found.labels == 60


@given(BITS, BITS)
def test_what_was_read_whole_is_known(one: list[float], other: list[float]) -> None:
    share = np.mean([*one, *other])
    found = stratified_share([read(one, 0), read(other, 0)], alpha=0.05)
    assert found.estimate == pytest.approx(share)
    assert found.interval == pytest.approx((share, share))


@given(BITS, BITS, some.integers(1, 300), some.integers(1, 300), some.floats(0, 1))
def test_a_judge_who_always_says_the_same_leaves_the_classical_estimate(
    one: list[float], other: list[float], more: int, rest: int, judge: float
) -> None:
    found = stratified_share([read(one, more, judge=judge), read(other, rest, judge=judge)], alpha=0.05)
    sizes = np.array([len(one) + more, len(other) + rest])
    classical = float(sizes @ [np.mean(one), np.mean(other)] / sizes.sum())
    assert found.tuning == 0.0
    assert found.estimate == pytest.approx(classical)
    assert 0.0 <= found.interval[0] <= found.estimate + 1e-9
    assert found.estimate - 1e-9 <= found.interval[1] <= 1.0


@given(BITS, some.integers(2, 100))
def test_rejecting_mirrors_accepting(human: list[float], rest: int) -> None:
    found = stratified_share([read(human, rest)], alpha=0.05)
    mirrored = stratified_share([read([1.0 - value for value in human], rest)], alpha=0.05)
    assert mirrored.estimate == pytest.approx(1.0 - found.estimate)
    assert mirrored.interval == pytest.approx((1.0 - found.interval[1], 1.0 - found.interval[0]))


def test_labels_that_all_agree_are_no_certainty() -> None:
    found = stratified_share([read([1.0] * 50, 950)], alpha=0.05)
    assert found.interval[0] == pytest.approx(0.05 ** (1 / 50))


@pytest.mark.parametrize("shift", [0.0, -0.1, -0.3])
def test_the_p_value_is_where_the_upper_bound_meets_the_null(shift: float) -> None:
    random = np.random.default_rng(5)
    values = random.choice([-1.0, 0.0, 1.0], 60, p=[0.2, 0.6, 0.2]) * 0.5 + shift
    strata = [read(values[:30].tolist(), 90), read(values[30:].tolist(), 200)]
    p = p_not_below(strata, null=0.0)
    if p < 0.5:
        assert stratified_mean(strata, alpha=p).interval[1] == pytest.approx(0.0, abs=1e-3)
    mean = stratified_mean(strata, alpha=0.05)
    assert (p < 0.05) == (mean.interval[1] < 0.0)


@pytest.mark.parametrize(("fooled", "drawn"), [(0.0, (34, 16)), (0.6, (34, 16)), (0.3, (16, 34))])
def test_it_covers_what_people_would_say_whatever_the_judge_overlooks(
    fooled: float, drawn: tuple[int, int]
) -> None:
    random = np.random.default_rng(20)
    sizes, shares = (100, 300), (0.6, 0.95)
    missed = judge_alone = 0
    for _ in range(400):
        people = [(random.random(n) < share).astype(float) for n, share in zip(sizes, shares, strict=True)]
        judge = [np.maximum(each, random.random(each.size) < fooled) for each in people]
        truth = np.concatenate(people).mean()
        strata = [
            Stratum(human=h[:n].tolist(), judge_on_labelled=j[:n].tolist(), judge_on_rest=j[n:].tolist())
            for h, j, n in zip(people, judge, drawn, strict=True)
        ]
        low, high = stratified_share(strata, alpha=0.05).interval
        missed += not low <= truth <= high
        judge_alone += np.concatenate(judge).mean() > truth
    assert missed / 400 <= 0.1
    assert (judge_alone > 300) == (fooled > 0)


@pytest.mark.parametrize(
    ("strata", "sentence"),
    [([], "there is nothing to read"), ([read([1.0], 9)], "1 of 10 items of one kind are read")],
)
def test_what_cannot_be_estimated_is_refused(strata: list[Stratum], sentence: str) -> None:
    with pytest.raises(InvalidComparison, match=sentence):
        stratified_share(strata, alpha=0.05)
