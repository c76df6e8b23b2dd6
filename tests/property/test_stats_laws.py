import math
import random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.stats.e_hybrid import first_stop
from harness.stats.e_interval import always_valid_interval
from harness.stats.e_process import fail_e_value, pass_e_value
from harness.stats.multiplicity import holm, intersection_union
from harness.stats.paired_binary import mcnemar_mid_p, minimum_items, tango_interval, tango_p_value
from harness.stats.paired_exact import critical_z, exact_p_value
from harness.stats.paired_region import tango_z
from harness.stats.paired_scores import (
    bca_interval,
    cluster_t_interval,
    cluster_t_p_value,
    paired_t_p_value,
)
from harness.stats.power import binary_power, score_power, score_sample_size
from harness.stats.ppi import ppi_mean
from harness.stats.proportion import ceiling_p_value, clopper_pearson, floor_p_value
from harness.stats.quantiles import quantile_ratio

few = settings(max_examples=40)


@st.composite
def paired_counts(draw: st.DrawFn) -> dict[str, int]:
    n = draw(st.integers(1, 400))
    losses = draw(st.integers(0, n))
    return {"losses": losses, "wins": draw(st.integers(0, n - losses)), "n": n}


signed_margins = st.floats(0.005, 0.95).flatmap(lambda size: st.sampled_from([size, -size]))
alphas = st.floats(0.005, 0.2)
scores = st.floats(-1, 1).map(lambda value: round(value, 3))
differences = st.lists(scores, min_size=3, max_size=30)
seconds = st.lists(st.one_of(st.floats(0.01, 100), st.just(math.inf)), min_size=6, max_size=25)


@few
@given(paired_counts(), signed_margins)
def test_tango_is_antisymmetric_in_losses_and_wins(counts: dict[str, int], margin: float) -> None:
    mirrored = tango_p_value(losses=counts["wins"], wins=counts["losses"], n=counts["n"], margin=-margin)
    assert tango_p_value(**counts, margin=margin) == pytest.approx(1 - mirrored, abs=1e-9)


@few
@given(paired_counts(), signed_margins)
def test_tango_never_weakens_when_a_loss_becomes_a_tie_or_a_tie_a_win(
    counts: dict[str, int], margin: float
) -> None:
    assume(counts["losses"] > 0)
    better = counts | {"losses": counts["losses"] - 1}
    best = better | {"wins": better["wins"] + 1}
    p_values = [tango_p_value(**row, margin=margin) for row in (counts, better, best)]
    assert p_values == sorted(p_values, reverse=True)


@few
@given(paired_counts(), st.floats(0.005, 0.4), st.floats(0.01, 0.5))
def test_tango_passes_a_wider_margin_more_readily(
    counts: dict[str, int], margin: float, extra: float
) -> None:
    narrow = tango_p_value(**counts, margin=margin)
    assert tango_p_value(**counts, margin=margin + extra) <= narrow + 1e-12


@few
@given(paired_counts(), signed_margins, alphas)
def test_tango_interval_and_test_give_one_answer(counts: dict[str, int], margin: float, alpha: float) -> None:
    lower, upper = tango_interval(**counts, alpha=alpha)
    assert -1 <= lower <= (counts["wins"] - counts["losses"]) / counts["n"] <= upper <= 1
    assume(min(abs(lower + margin), abs(upper + margin)) > 1e-9)
    p_value = tango_p_value(**counts, margin=margin)
    assert (p_value < alpha) == (lower > -margin)
    assert (1 - p_value < alpha) == (upper < -margin)


@few
@given(paired_counts(), signed_margins)
def test_the_exact_test_never_weakens_when_a_loss_becomes_a_tie_or_a_tie_a_win(
    counts: dict[str, int], margin: float
) -> None:
    assume(counts["losses"] > 0)
    better = counts | {"losses": counts["losses"] - 1}
    best = better | {"wins": better["wins"] + 1}
    p_values = [exact_p_value(**row, margin=margin) for row in (counts, better, best)]
    assert 1 >= p_values[0] >= p_values[1] - 1e-7 >= p_values[2] - 2e-7 >= -2e-7


@few
@given(st.integers(1, 400), st.floats(0.005, 0.95))
def test_no_loss_is_never_rarer_than_where_only_losses_are_discordant(n: int, margin: float) -> None:
    assert exact_p_value(losses=0, wins=0, n=n, margin=margin) >= (1 - margin) ** n - 1e-9


@few
@given(paired_counts(), signed_margins)
def test_the_exact_test_is_never_sure_of_two_opposite_hypotheses(
    counts: dict[str, int], margin: float
) -> None:
    mirrored = {"losses": counts["wins"], "wins": counts["losses"], "n": counts["n"]}
    below, above = exact_p_value(**counts, margin=margin), exact_p_value(**mirrored, margin=-margin)
    assert below + above >= 1 - 1e-6


@few
@given(paired_counts(), signed_margins, alphas)
def test_the_critical_value_and_the_exact_p_value_give_one_answer(
    counts: dict[str, int], margin: float, alpha: float
) -> None:
    critical = critical_z(n=counts["n"], margin=margin, alpha=alpha)
    z = float(tango_z(np.array(counts["losses"]), np.array(counts["wins"]), n=counts["n"], margin=margin))
    p_value = exact_p_value(**counts, margin=margin)
    assume(abs(p_value - alpha) > 1e-6)
    assert (p_value <= alpha) == (z >= critical - 1e-9)


@few
@given(st.integers(1, 200), signed_margins, alphas, st.floats(0.0, 1.0), st.floats(-1.0, 1.0))
def test_power_rises_with_a_better_candidate(
    n: int, margin: float, alpha: float, discordance: float, share: float
) -> None:
    delta = discordance * share
    power = binary_power(n=n, margin=margin, alpha=alpha, discordance=discordance, delta=delta)
    better = delta + (discordance - delta) / 2
    assert 0 <= power <= 1
    assert (
        binary_power(n=n, margin=margin, alpha=alpha, discordance=discordance, delta=better) >= power - 1e-9
    )
    if delta <= -margin:
        assert power <= alpha + 1e-6


@few
@given(signed_margins, alphas, st.floats(0.3, 0.99), st.floats(0.0, 1.0), st.floats(0.01, 0.5))
def test_the_item_count_for_scores_is_the_fewest_with_the_power(
    margin: float, alpha: float, power: float, variance: float, gap: float
) -> None:
    design = {"margin": margin, "alpha": alpha, "variance": variance, "delta": gap - margin}
    n = score_sample_size(**design, power=power)
    assert score_power(n=n, **design) >= power - 1e-9
    assert n == 1 or score_power(n=n - 1, **design) < power + 1e-9


@few
@given(st.integers(0, 300), st.integers(0, 300))
def test_mid_p_is_antisymmetric_and_falls_with_every_loss(losses: int, wins: int) -> None:
    p_value = mcnemar_mid_p(losses=losses, wins=wins)
    assert p_value == pytest.approx(1 - mcnemar_mid_p(losses=wins, wins=losses), abs=1e-9)
    assert mcnemar_mid_p(losses=losses + 1, wins=wins) <= p_value + 1e-12


@few
@given(st.floats(0.005, 0.9), st.floats(0.01, 0.2))
def test_minimum_items_is_the_least_that_rules_the_margin_out(margin: float, alpha: float) -> None:
    items = minimum_items(margin=margin, alpha=alpha)
    assert (1 - margin) ** items <= alpha * (1 + 1e-12)
    assert items == 1 or (1 - margin) ** (items - 1) > alpha * (1 - 1e-12)


@few
@given(differences, st.floats(-0.9, 0.9), st.randoms(use_true_random=False))
def test_t_tests_are_antisymmetric_and_blind_to_order(
    values: list[float], null: float, order: random.Random
) -> None:
    items = [(value, index % 3) for index, value in enumerate(values)]
    shuffled = order.sample(items, len(items))
    flipped = [-value for value in values]
    paired = paired_t_p_value(values, null=null, alternative="less")
    clustered = cluster_t_p_value(values, [c for _, c in items], null=null, alternative="less")
    assert paired == pytest.approx(paired_t_p_value(flipped, null=-null, alternative="greater"), abs=1e-9)
    assert paired == pytest.approx(1 - paired_t_p_value(values, null=null, alternative="greater"), abs=1e-9)
    assert clustered == pytest.approx(
        cluster_t_p_value(flipped, [c for _, c in items], null=-null, alternative="greater"), abs=1e-9
    )
    assert paired == pytest.approx(
        paired_t_p_value([v for v, _ in shuffled], null=null, alternative="less"), abs=1e-6
    )
    assert clustered == pytest.approx(
        cluster_t_p_value(*zip(*shuffled, strict=True), null=null, alternative="less"), abs=1e-6
    )


@few
@given(differences, st.floats(-0.9, 0.9), alphas)
def test_cluster_interval_and_test_give_one_answer(values: list[float], null: float, alpha: float) -> None:
    clusters = [index % 3 for index in range(len(values))]
    lower, upper = cluster_t_interval(values, clusters, alpha=alpha)
    assert lower <= upper
    assume(min(abs(lower - null), abs(upper - null)) > 1e-9)
    assert (cluster_t_p_value(values, clusters, null=null, alternative="greater") < alpha) == (lower > null)
    assert (cluster_t_p_value(values, clusters, null=null, alternative="less") < alpha) == (upper < null)


@few
@given(differences, st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_bca_interval_is_blind_to_order_and_never_nan(
    values: list[float], seed: int, order: random.Random
) -> None:
    interval = bca_interval(values, alpha=0.05, seed=seed, resamples=199)
    shuffled = order.sample(values, len(values))
    assert min(values) <= interval[0] <= interval[1] <= max(values)
    assert bca_interval(shuffled, alpha=0.05, seed=seed, resamples=199) == interval


@few
@given(differences, signed_margins, st.floats(0.001, 1))
def test_e_values_stay_positive_and_follow_the_evidence(
    values: list[float], margin: float, v0: float
) -> None:
    for evidence, best in ((pass_e_value, 1.0), (fail_e_value, -1.0)):
        process = evidence(values, margin=margin, v0=v0)
        assert all(0 < value < math.inf for value in process.values)
        assert process.maximum >= max(process.final, 1.0)
        assert evidence([*values[:-1], best], margin=margin, v0=v0).final >= process.final


@st.composite
def clustered(draw: st.DrawFn) -> tuple[list[float], list[int]]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=60))
    names = [name for name, size in enumerate(sizes) for _ in range(size)]
    value = draw(st.sampled_from([-1.0, -0.4, 0.0, 0.1, 1.0]))
    noise = draw(st.lists(scores, min_size=len(names), max_size=len(names)))
    return [(3 * value + own) / 4 for own in noise], names


@few
@given(clustered(), signed_margins, alphas, st.integers(1, 6), st.integers(1, 300), st.data())
def test_a_longer_series_stops_where_the_shorter_one_did(  # noqa: PLR0913, PLR0917 - one law, all it is about
    series: tuple[list[float], list[int]],
    margin: float,
    alpha: float,
    questions: int,
    n_max: int,
    data: st.DataObject,
) -> None:
    values, clusters = series
    rule = {"margin": margin, "alpha": alpha, "questions": questions, "n_max": n_max}
    seen = data.draw(st.integers(1, len(values)))
    for names, largest in ((clusters, 4), (None, 1)):
        whole = first_stop(values, **rule, clusters=names, largest_cluster=largest)
        part = first_stop(values[:seen], **rule, clusters=names and names[:seen], largest_cluster=largest)
        if part is not None:
            assert part == whole
        elif whole is not None:
            assert whole.items > seen or (names is not None and whole.items > seen - largest)


@few
@given(clustered(), signed_margins)
def test_e_values_of_clusters_stay_positive_and_follow_the_evidence(
    series: tuple[list[float], list[int]], margin: float
) -> None:
    values, clusters = series
    for evidence, best in ((pass_e_value, 1.0), (fail_e_value, -1.0)):
        process = evidence(values, margin=margin, clusters=clusters, largest_cluster=4)
        better = evidence([*values[:-1], best], margin=margin, clusters=clusters, largest_cluster=4)
        assert all(0 < value < math.inf for value in process.values)
        assert better.final >= process.final


@few
@given(differences, st.floats(0.01, 0.5), alphas)
def test_always_valid_bounds_mirror_with_the_runs_and_only_ever_close_in(
    values: list[float], scale: float, alpha: float
) -> None:
    lower, upper = always_valid_interval(values, scale=scale, alpha=alpha)
    mirrored = always_valid_interval([-value for value in values], scale=scale, alpha=alpha)
    assert -1 <= lower <= upper <= 1
    assert mirrored == pytest.approx((-upper, -lower), abs=1e-6)
    earlier = always_valid_interval(values[:-1], scale=scale, alpha=alpha)
    assert earlier[0] - 1e-8 <= lower <= upper <= earlier[1] + 1e-8
    wider = always_valid_interval(values, scale=scale, alpha=alpha / 2)
    assert wider[0] <= lower <= upper <= wider[1]


@few
@given(differences, st.data(), alphas, st.randoms(use_true_random=False))
def test_a_judge_corrected_mean_mirrors_and_is_blind_to_order(
    human: list[float], data: st.DataObject, alpha: float, order: random.Random
) -> None:
    judged = data.draw(st.lists(scores, min_size=len(human), max_size=len(human)))
    rest = data.draw(differences)
    found = ppi_mean(human, judged, rest, alpha=alpha)
    flipped = ppi_mean([-v for v in human], [-v for v in judged], [-v for v in rest], alpha=alpha)
    pairs = order.sample(list(zip(human, judged, strict=True)), len(human))
    shuffled = ppi_mean([h for h, _ in pairs], [j for _, j in pairs], rest[::-1], alpha=alpha)
    assert -1 <= found.interval[0] <= found.interval[1] <= 1
    assert 0 <= found.tuning <= 1
    assert flipped.interval == pytest.approx((-found.interval[1], -found.interval[0]), abs=1e-6)
    assert shuffled.interval == pytest.approx(found.interval, abs=1e-6)
    assert flipped.p_value(null=0.1, alternative="less") == pytest.approx(
        found.p_value(null=-0.1, alternative="greater"), abs=1e-6
    )


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_all_pass_together_exactly_when_each_passes(p_values: list[float]) -> None:
    assert (intersection_union(p_values) <= 0.05) == all(p_value <= 0.05 for p_value in p_values)


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_holm_never_lowers_never_reorders_and_follows_its_input(
    raw: list[float], order: random.Random
) -> None:
    adjusted = holm(raw)
    assert all(before <= after <= 1 for before, after in zip(raw, adjusted, strict=True))
    assert [adjusted[i] for i in sorted(range(len(raw)), key=raw.__getitem__)] == sorted(adjusted)
    places = order.sample(range(len(raw)), len(raw))
    assert holm([raw[place] for place in places]) == tuple(adjusted[place] for place in places)


@few
@given(st.integers(1, 200), st.data(), st.floats(0.01, 0.99), alphas)
def test_exact_tests_and_their_interval_give_one_answer(
    n: int, data: st.DataObject, bound: float, alpha: float
) -> None:
    successes = data.draw(st.integers(0, n))
    lower, upper = clopper_pearson(successes, n, alpha=alpha)
    assert lower <= successes / n <= upper
    assert ceiling_p_value(successes, n, ceiling=bound) == pytest.approx(
        floor_p_value(n - successes, n, floor=1 - bound)
    )
    assume(min(abs(lower - bound), abs(upper - bound)) > 1e-9)
    assert (floor_p_value(successes, n, floor=bound) < alpha) == (lower > bound)
    assert (ceiling_p_value(successes, n, ceiling=bound) < alpha) == (upper < bound)


@few
@given(seconds, st.data(), st.integers(0, 2**32))
def test_quantile_ratio_turns_over_when_the_sides_are_swapped(
    baseline: list[float], data: st.DataObject, seed: int
) -> None:
    candidate = data.draw(st.permutations(baseline))
    assume(sorted(baseline)[math.ceil(len(baseline) / 2) - 1] < math.inf)
    there = quantile_ratio(baseline, candidate, q=0.5, alpha=0.05, seed=seed, resamples=99)
    back = quantile_ratio(candidate, baseline, q=0.5, alpha=0.05, seed=seed, resamples=99)
    assert there.ratio == 1.0
    assert 0 <= there.lower <= there.upper <= math.inf
    assert (there.lower == 0) == (back.upper == math.inf)
    assert there.lower * back.upper == pytest.approx(1.0) or there.lower == 0
    assert not any(math.isnan(value) for value in there.log_ratios)
