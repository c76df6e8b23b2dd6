from collections import Counter
from collections.abc import Callable
from itertools import groupby
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.domain.policy import LatencyPolicy, Policy
from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.task import Probe
from harness.engine.schedule import choice_work, in_blocks, in_rounds, interleave
from harness.engine.seeds import derived_seed, shuffled
from harness.engine.work import Work
from harness.experiments.plan import chosen_items, latency_items

quick = settings(max_examples=40)
seeds = st.integers(0, 2**31)
counts = st.integers(0, 40)
names = st.lists(st.text("abcdef", min_size=1, max_size=4), min_size=1, max_size=30, unique=True).map(tuple)
words = st.lists(st.text("ab~/", max_size=3), max_size=4)

ProbeOf = Callable[..., Probe]
RunOf = Callable[..., RunSpec]


def sides(a_probe: ProbeOf, a_run: RunOf, *sizes: int) -> list[tuple[Work, ...]]:
    """So many items of each side; the later ones have items of their own at the end."""
    probe = a_probe(items=80)
    ids = [item.id for item in probe.items]
    runs = [
        a_run(side, ids[20 * place : 20 * place + size], kind=RunKind.PROBE)
        for place, (side, size) in enumerate(zip(Side, sizes, strict=False))
    ]
    return [choice_work(run, probe) for run in runs]


def alike(a_probe: ProbeOf, a_run: RunOf, count: int, *, present: int) -> list[tuple[Work, ...]]:
    """The same items of two or three sides."""
    probe = a_probe(items=40)
    ids = [item.id for item in probe.items][:count]
    return [choice_work(a_run(side, ids, kind=RunKind.PROBE), probe) for side in list(Side)[:present]]


def identity(work: Work) -> tuple[str, str]:
    return work.run.id, work.item_id


@quick
@given(baseline=counts, candidate=counts, anchor=counts)
def test_interleaving_keeps_every_work_once(
    a_probe: ProbeOf, a_run: RunOf, baseline: int, candidate: int, anchor: int
) -> None:
    given_sides = sides(a_probe, a_run, baseline, candidate, anchor)
    order = interleave(given_sides)
    kept = [identity(work) for side in given_sides for work in side]
    assert sorted(map(identity, order)) == sorted(kept)


@quick
@given(count=counts, present=st.sampled_from([1, 2, 3]))
def test_the_sides_of_an_item_are_neighbours_and_take_turns_in_going_first(
    a_probe: ProbeOf, a_run: RunOf, count: int, present: int
) -> None:
    order = interleave(alike(a_probe, a_run, count, present=present))
    forwards = list(Side)[:present]
    for place in range(count):
        group = order[present * place : present * (place + 1)]
        assert len({work.item_id for work in group}) == 1
        turn = [work.run.side for work in group]
        assert turn == (forwards if place % 2 == 0 else forwards[::-1])


@quick
@given(baseline=counts, candidate=counts)
def test_items_are_asked_in_the_order_of_their_run(
    a_probe: ProbeOf, a_run: RunOf, baseline: int, candidate: int
) -> None:
    given_sides = sides(a_probe, a_run, baseline, candidate)
    order = interleave(given_sides)
    for side, works in zip(Side, given_sides, strict=False):
        assert [work for work in order if work.run.side is side] == list(works)


@quick
@given(st.lists(counts, max_size=3), st.integers(0, 40))
def test_rounds_keep_every_work_once_and_the_order_within_a_pair(
    a_probe: ProbeOf, a_run: RunOf, sizes: list[int], first: int
) -> None:
    pairs = [interleave(alike(a_probe, a_run, size, present=2)) for size in (first, *sizes)]
    order = in_rounds(pairs)
    kept = {id(work) for pair in pairs for work in pair}
    assert len(order) == len(kept)
    for pair in pairs:
        mine = {id(work) for work in pair}
        assert [id(work) for work in order if id(work) in mine] == [id(work) for work in pair]
    # No pair is an item ahead of another that still has some.
    begun = [
        sum(id(work) in {id(one) for one in pair} for work in order[: len(order) // 2]) for pair in pairs
    ]
    open_still = [count for count, pair in zip(begun, pairs, strict=True) if count < len(pair)]
    assert not open_still or max(open_still) - min(open_still) <= 2


@quick
@given(baseline=counts, candidate=counts)
def test_blocks_keep_every_work_once_each_for_one_checkpoint(
    a_probe: ProbeOf, a_run: RunOf, baseline: int, candidate: int
) -> None:
    order = interleave(sides(a_probe, a_run, baseline, candidate))
    blocks = in_blocks(order)
    kept = [identity(work) for block in blocks for work in block]
    assert sorted(kept) == sorted(map(identity, order))
    assert all(len({work.run.candidate.checkpoint.digest for work in block}) == 1 for block in blocks)
    assert len(blocks) <= 3


@quick
@given(baseline=counts, candidate=counts)
def test_blocks_keep_the_order_within_a_side(
    a_probe: ProbeOf, a_run: RunOf, baseline: int, candidate: int
) -> None:
    order = interleave(sides(a_probe, a_run, baseline, candidate))
    kept = [work for block in in_blocks(order) for work in block]
    for side in Side:
        assert [w for w in kept if w.run.side is side] == [w for w in order if w.run.side is side]


@quick
@given(names, seeds)
def test_a_shuffle_keeps_every_name_once(given_names: tuple[str, ...], seed: int) -> None:
    assert sorted(shuffled(given_names, seed)) == sorted(given_names)


@quick
@given(seeds, words, words)
def test_a_derived_seed_tells_lists_of_names_apart(seed: int, one: list[str], other: list[str]) -> None:
    assert (derived_seed(seed, *one) == derived_seed(seed, *other)) == (one == other)


sources = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.sampled_from("xyz"), max_size=30)


@quick
@given(sources, st.integers(0, 40), st.integers(0, 40), seeds)
def test_more_items_hold_the_ones_chosen_before(
    clusters: dict[str, str], count: int, more: int, seed: int
) -> None:
    few = chosen_items(clusters, count, seed)
    many = chosen_items(clusters, count + more, seed)
    assert set(few) <= set(many) <= set(clusters)
    assert len(few) == len(set(few)) == min(count, len(clusters))


@quick
@given(sources, st.integers(0, 40), seeds)
def test_items_of_one_source_are_asked_one_after_the_other(
    clusters: dict[str, str], count: int, seed: int
) -> None:
    asked = [clusters[name] for name in chosen_items(clusters, count, seed)]
    blocks = [source for source, _ in groupby(asked)]
    assert len(blocks) == len(set(asked))


@quick
@given(sources, st.integers(0, 40), seeds, st.randoms(use_true_random=False))
def test_which_items_are_chosen_does_not_depend_on_their_order_in_the_file(
    clusters: dict[str, str], count: int, seed: int, order: Random
) -> None:
    mixed = list(clusters.items())
    order.shuffle(mixed)
    assert chosen_items(dict(mixed), count, seed) == chosen_items(clusters, count, seed)


@quick
@given(names, st.integers(1, 200), seeds)
def test_waiting_is_asked_under_unique_ids_and_of_all_items_alike(
    given_names: tuple[str, ...], pairs: int, seed: int
) -> None:
    asked = latency_items(given_names, Policy(seed=seed, latency=LatencyPolicy(pairs=pairs)))
    assert len(set(asked)) == len(asked) == pairs
    times = Counter(name.partition("~")[0] for name in asked)
    assert set(times) <= set(given_names)
    assert max(times.values()) - min(times[name] for name in given_names) <= 1
