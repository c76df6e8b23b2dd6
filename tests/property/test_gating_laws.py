import dataclasses
from collections.abc import Callable, Sequence
from itertools import zip_longest
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.domain.comparison import Comparison, Pair
from harness.domain.manifest import GateManifest
from harness.domain.policy import Hypothesis, PairedPolicy, Policy, Role
from harness.domain.response import FailureKind, GenerationFailure, Timing
from harness.domain.run import ItemResult, RunSpec, Side
from harness.domain.suite import Suite
from harness.domain.verdict import GateVerdict, Status
from harness.gating.assessment import Assessment, Question
from harness.gating.compare import compare
from harness.gating.gate import decide
from harness.gating.minimum import fewest_items
from harness.gating.referee import Referee
from harness.gating.rules import Rules
from harness.gating.sequential import first_stop
from harness.gating.settle import Terms, settle
from harness.store.codec import decode_document, encode_document

few = settings(max_examples=30)
fewer = settings(max_examples=12)

Weigh = Callable[..., GateVerdict]
Recorded = Callable[..., tuple[GateManifest, dict[str, tuple[ItemResult, ...]]]]

failures = st.builds(GenerationFailure, kind=st.sampled_from(FailureKind), message=st.just("gone"))
binary = st.sampled_from([0.0, 1.0])
graded = st.integers(0, 20).map(lambda twentieths: twentieths / 20)
values = st.one_of(binary, graded, failures)
alphas = st.sampled_from([0.01, 0.05, 0.1])
margins = st.sampled_from([0.03, 0.05, 0.1])
against_the_baseline = st.builds(
    PairedPolicy,
    hypothesis=st.sampled_from([Hypothesis.NON_INFERIORITY, Hypothesis.SUPERIORITY]),
    margin=margins,
    floor=st.sampled_from([None, 0.0, 0.9]),
    max_lost=st.sampled_from([None, None, 0, 5]),
)
policies = st.one_of(
    against_the_baseline,
    st.builds(PairedPolicy, hypothesis=st.just(Hypothesis.FLOOR), floor=st.sampled_from([0.5, 0.9])),
)


@st.composite
def two_sides(
    draw: st.DrawFn, *, least: int = 1, most: int = 90
) -> tuple[list[float | GenerationFailure], list[float | GenerationFailure]]:
    n = draw(st.integers(least, most))
    # One draw a side keeps long gates cheap to generate.
    pool = draw(st.lists(values, min_size=1, max_size=4))
    random = Random(draw(st.integers(0, 2**16)))  # noqa: S311 - test data
    one, other = ([random.choice(pool) for _ in range(n)] for _ in range(2))
    return one, other


@few
@given(two_sides())
def test_comparing_the_other_way_round_turns_the_difference_round(
    a_run: Callable[..., RunSpec],
    results_of: Callable[..., tuple[ItemResult, ...]],
    both: tuple[Sequence[float], Sequence[float]],
) -> None:
    names = [f"i{number}" for number in range(len(both[0]))]
    run = a_run(Side.CANDIDATE, names)
    a, b = (results_of(run, values_of_side) for values_of_side in both)
    there = compare(a, b, metric="target", run=run)
    back = compare(b, a, metric="target", run=run)
    assert there is not None
    assert back is not None
    assert there.delta == -back.delta
    assert (there.lost, there.gained) == (back.gained, back.lost)
    assert there.excused == back.excused


@few
@given(st.data(), policies, alphas)
def test_a_gate_never_passes_on_fewer_items_than_it_needs(
    weigh: Weigh, data: st.DataObject, target: PairedPolicy, alpha: float
) -> None:
    fewest = fewest_items(target, alpha)
    baseline, candidate = data.draw(two_sides(most=fewest - 1))
    sequential = data.draw(st.booleans())
    policy = Policy(alpha=alpha, target_metric=target, max_failed_share=0.99, sequential=sequential)
    assert weigh(baseline, candidate, policy=policy).status is Status.INVALID


@fewer
@given(st.integers(1, 499), st.floats(0.01, 4.0))
def test_waiting_time_never_passes_or_fails_on_fewer_pairs_than_it_needs(
    weigh: Weigh, pairs: int, times: float
) -> None:
    waits = [Timing(ttft_s=0.1, e2e_s=0.2, tpot_s=0.01)] * pairs
    slower = [Timing(ttft_s=0.1 * times, e2e_s=0.2 * times, tpot_s=0.01)] * pairs
    status = weigh(waits, slower, suite=Suite.LATENCY).status
    assert status in {Status.INCONCLUSIVE, Status.INVALID}


@few
@given(two_sides(least=60, most=120), against_the_baseline)
def test_a_candidate_that_is_its_baseline_never_regresses_and_never_is_better(
    weigh: Weigh, both: tuple[Sequence[float], Sequence[float]], target: PairedPolicy
) -> None:
    policy = Policy(target_metric=target, max_failed_share=0.99)
    status = weigh(both[0], both[0], policy=policy).status
    assert status is not Status.REGRESSED
    assert status is not Status.PASSED or target.hypothesis is Hypothesis.NON_INFERIORITY


@fewer
@given(two_sides(least=30, most=130), policies, st.integers(0, 2**16))
def test_a_verdict_does_not_depend_on_the_order_in_which_results_came(
    recorded: Recorded, both: tuple[Sequence[float], Sequence[float]], target: PairedPolicy, seed: int
) -> None:
    manifest, results = recorded({"sums": both}, policy=Policy(target_metric=target))
    random = Random(seed)  # noqa: S311 - test data
    shuffled = {name: random.sample(kept, len(kept)) for name, kept in results.items()}
    assert decide(manifest, results.__getitem__) == decide(manifest, shuffled.__getitem__)


@few
@given(two_sides(most=130), st.booleans())
def test_a_verdict_comes_back_from_its_document_equal_to_the_last_digit(
    weigh: Weigh,
    both: tuple[Sequence[float], Sequence[float]],
    clustered: bool,  # noqa: FBT001 - drawn
) -> None:
    clusters = [f"c{number // 3}" for number in range(len(both[0]))] if clustered else ()
    verdict = weigh(*both, clusters=clusters, policy=Policy(max_failed_share=0.99))
    assert decode_document(encode_document(verdict), GateVerdict) == verdict


@fewer
@given(two_sides(least=30, most=130), st.floats(0.01, 0.2))
def test_a_manifest_comes_back_from_its_document_and_decides_the_same(
    recorded: Recorded, both: tuple[Sequence[float], Sequence[float]], margin: float
) -> None:
    policy = Policy(target_metric=PairedPolicy(margin=margin))
    manifest, results = recorded({"sums": both}, policy=policy)
    again = decode_document(encode_document(manifest), GateManifest)
    assert again == manifest
    assert decide(again, results.__getitem__) == decide(manifest, results.__getitem__)


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    return Assessment(
        question=Question(
            suite=draw(st.sampled_from(Suite)),
            subject="sums",
            arm="",
            metric="target",
            role=draw(st.sampled_from(Role)),
        ),
        passes=draw(st.booleans()),
        regressed=draw(st.sampled_from([False, False, True])),
        p_regressed=draw(st.floats(0, 1)),
        alarms=draw(st.dictionaries(st.sampled_from(["piqa", "sciq"]), st.floats(0, 1), max_size=2)),
        invalid=draw(st.sampled_from([None, None, None, "the server died"])),
    )


@settings(max_examples=60)
@given(st.lists(assessments(), max_size=6), alphas)
def test_a_gate_passes_when_something_gates_and_all_of_it_passed(
    given_assessments: list[Assessment], alpha: float
) -> None:
    verdict = settle(given_assessments, Terms(alpha=alpha))
    gating = [one.status for one in verdict.verdicts if one.role is Role.GATE]
    assert (verdict.status is Status.PASSED) == (bool(gating) and set(gating) == {Status.PASSED})


@settings(max_examples=60)
@given(st.lists(assessments(), min_size=1, max_size=6), assessments(), alphas)
def test_asking_one_more_question_raises_no_new_alarm_on_the_others(
    asked: list[Assessment], one_more: Assessment, alpha: float
) -> None:
    before = settle(asked, Terms(alpha=alpha)).verdicts
    after = settle([*asked, one_more], Terms(alpha=alpha)).verdicts
    for old, new in zip(before, after, strict=False):
        # An alarm that no longer sounds leaves the answer there was without it.
        assert new.status is old.status or old.status is Status.REGRESSED


@settings(max_examples=60)
@given(st.lists(assessments(), max_size=6), alphas)
def test_every_question_gets_one_verdict_in_its_place(asked: list[Assessment], alpha: float) -> None:
    verdicts = settle(asked, Terms(alpha=alpha)).verdicts
    assert [(one.suite, one.role) for one in verdicts] == [
        (one.question.suite, one.question.role) for one in asked
    ]


@st.composite
def series(draw: st.DrawFn) -> tuple[Comparison, Rules]:
    """Pairs whose sources come one after the other, and the rules of a plan that has these."""
    n = draw(st.integers(1, 260))
    random = Random(draw(st.integers(0, 2**16)))  # noqa: S311 - test data
    loss, win = draw(
        st.sampled_from([(0.0, 0.0), (0.05, 0.05), (0.3, 0.0), (0.0, 0.3), (0.1, 0.02), (1.0, 0.0)])
    )
    failing = draw(st.sampled_from([0.0, 0.0, 0.02, 0.3]))
    largest = draw(st.sampled_from([1, 1, 4]))
    clusters = [name for name in range(n) for _ in range(random.randint(1, largest))][:n]
    pairs = []
    for place, cluster in enumerate(clusters):
        chance = random.random()
        pairs.append(
            Pair(
                item_id=f"i{place}",
                cluster=f"c{cluster}",
                baseline=float(not loss <= chance < loss + win),
                candidate=float(chance >= loss),
                failed_requests=int(random.random() < failing),
            )
        )
    rules = Rules(
        alpha=draw(alphas),
        seed=0,
        max_failed_share=0.02,
        sequential=draw(st.sampled_from([True, True, False])),
        questions=draw(st.sampled_from([1, 7])),
        largest_cluster=max(map(clusters.count, clusters)),
    )
    return Comparison(metric="target", pairs=tuple(pairs)), rules


@settings(max_examples=80)
@given(series(), policies, st.data())
def test_a_question_stops_at_the_same_item_whatever_follows(
    drawn: tuple[Comparison, Rules], policy: PairedPolicy, data: st.DataObject
) -> None:
    whole, rules = drawn
    planned = len(whole.pairs)
    stop = first_stop(whole, policy, rules, planned=planned)
    seen = data.draw(st.integers(1, planned))
    early = first_stop(whole.first(seen), policy, rules, planned=planned)
    assert early in (None, stop)
    if stop is not None:
        # A source may have to be seen to end before it is known to be whole.
        assert stop.items <= planned
        assert seen < stop.items + rules.largest_cluster or early == stop
        assert early is None or seen >= stop.items


@settings(max_examples=80)
@given(series(), policies)
def test_no_stop_stands_on_requests_of_which_too_many_failed(
    drawn: tuple[Comparison, Rules], policy: PairedPolicy
) -> None:
    whole, rules = drawn
    stop = first_stop(whole, policy, rules, planned=len(whole.pairs))
    if stop is not None:
        assert whole.first(stop.items).excused <= rules.max_failed_share * 2 * stop.items


def carried_out(
    manifest: GateManifest, arrivals: Sequence[ItemResult], *, resumed_after: int
) -> tuple[dict[str, list[ItemResult]], frozenset[str]]:
    """What a gate records that asks nothing more of closed pairs and is killed once; and what it closed."""
    kept: dict[str, list[ItemResult]] = {run.id: [] for run in manifest.runs}
    pair_of = {run.id: run.pair for run in manifest.runs}
    referee = Referee(manifest)
    for count, result in enumerate(arrivals):
        if count == resumed_after:
            referee = Referee(manifest)
            referee.recall([each for recorded in kept.values() for each in recorded])
        if pair_of[result.run_id] not in referee.closed:
            kept[result.run_id].append(result)
            referee.see(result)
    return kept, frozenset(referee.closed)


@settings(max_examples=25)
@given(st.lists(two_sides(least=60, most=200), min_size=1, max_size=3), policies, st.data())
def test_a_gate_that_stops_when_told_decides_as_one_that_asked_everything(
    recorded: Recorded,
    subjects: list[tuple[Sequence[float], Sequence[float]]],
    target: PairedPolicy,
    data: st.DataObject,
) -> None:
    sides = {f"task-{number}": both for number, both in enumerate(subjects)}
    manifest, results = recorded(sides, policy=Policy(target_metric=target, max_failed_share=0.4))
    in_flight, resumed_after = data.draw(st.integers(1, 16)), data.draw(st.integers(0, 400))
    random = Random(data.draw(st.integers(0, 2**16)))  # noqa: S311 - test data
    queue = [each for one in zip_longest(*results.values()) for each in one if each is not None]
    arrivals = []
    while queue:
        # Any of those in flight may be the next to come.
        arrivals.append(queue.pop(random.randrange(min(in_flight, len(queue)))))
    kept, closed = carried_out(manifest, arrivals, resumed_after=resumed_after)
    assert decide(manifest, kept.__getitem__) == decide(manifest, results.__getitem__)
    _, closed_at_once = carried_out(manifest, arrivals, resumed_after=-1)
    whole = Referee(manifest)
    whole.recall(arrivals)
    assert closed <= set(whole.closed)
    assert closed_at_once <= set(whole.closed)


@fewer
@given(two_sides(least=60, most=200), policies, st.data())
def test_results_beyond_the_stop_change_nothing(
    recorded: Recorded,
    both: tuple[Sequence[float], Sequence[float]],
    target: PairedPolicy,
    data: st.DataObject,
) -> None:
    policy = Policy(target_metric=target, max_failed_share=0.4)
    manifest, results = recorded({"sums": both}, policy=policy)
    verdict = decide(manifest, results.__getitem__)
    evidence = verdict.verdicts[0].evidence
    stopped = evidence is not None and evidence.n < len(both[0])
    if not stopped or evidence is None:
        return
    beyond = data.draw(st.lists(binary, min_size=1, max_size=5))
    _, other = recorded(
        {
            "sums": [
                [
                    *side[: evidence.n],
                    *(beyond[place % len(beyond)] for place in range(evidence.n, len(side))),
                ]
                for side in both
            ]
        }
    )
    assert decide(manifest, other.__getitem__) == verdict


@few
@given(two_sides(least=60, most=130), policies)
def test_a_question_that_is_only_shown_never_makes_a_gate_pass(
    recorded: Recorded, both: tuple[Sequence[float], Sequence[float]], target: PairedPolicy
) -> None:
    shown = dataclasses.replace(target, role=Role.REPORT)
    manifest, results = recorded({"sums": both}, policy=Policy(target_metric=shown, max_failed_share=0.99))
    assert decide(manifest, results.__getitem__).status is Status.INVALID
