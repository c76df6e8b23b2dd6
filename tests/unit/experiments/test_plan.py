import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import pytest

from harness.domain.arm import ArmKind, parse_arm
from harness.domain.checkpoint import Checkpoint
from harness.domain.policy import Hypothesis, LatencyPolicy, PairedPolicy, Policy, Role
from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.suite import MEASURED, Suite
from harness.domain.task import Probe, Task
from harness.errors import TooFewItems, UsageError
from harness.experiments.plan import (
    Contest,
    Subjects,
    chosen_items,
    latency_items,
    plan_digest,
    plan_runs,
)

_POLICY = Policy(items=60, latency=LatencyPolicy(pairs=150))
_ALL = MEASURED
_SCORES = (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY)


@pytest.fixture(scope="session")
def contest(a_checkpoint: Callable[..., Checkpoint]) -> Callable[..., Contest]:
    """Makes a contest of two checkpoints under arms given by name."""

    def build(*arms: str, baseline_arm: str | None = None, alone: bool = False) -> Contest:
        return Contest(
            candidate=a_checkpoint("mine"),
            baseline=None if alone else a_checkpoint("theirs"),
            arms=tuple(parse_arm(arm) for arm in arms),
            baseline_arm=parse_arm(baseline_arm) if baseline_arm else None,
        )

    return build


@pytest.fixture(scope="session")
def subjects(a_task: Callable[..., Task], a_probe: Callable[..., Probe]) -> Subjects:
    tasks = (a_task(items=70), a_task(items=80, name="more-sums"))
    return Subjects(tasks=tasks, probes=(a_probe(items=100), a_probe(items=100, name="piqa")))


ContestOf = Callable[..., Contest]


def shown(runs: Sequence[RunSpec]) -> list[tuple[str, str]]:
    return [(run.pair, str(run.candidate.arm)) for run in runs]


def test_every_pair_has_both_sides_on_the_same_items(contest: ContestOf, subjects: Subjects) -> None:
    runs = plan_runs(contest("zero-shot", "rag-3"), subjects, _ALL, _POLICY)
    sides: dict[str, dict[Side, RunSpec]] = {}
    for run in runs:
        sides.setdefault(run.pair, {})[run.side] = run
    assert len(sides) == 2 * 2 * 2 + 2
    for both in sides.values():
        baseline, candidate = both[Side.BASELINE], both[Side.CANDIDATE]
        assert baseline.item_ids == candidate.item_ids
        assert baseline.subject_digest == candidate.subject_digest
        assert (baseline.candidate.checkpoint.label, candidate.candidate.checkpoint.label) == (
            "theirs",
            "mine",
        )


def test_ids_are_unique_and_fit_for_file_names(contest: ContestOf, subjects: Subjects) -> None:
    runs = plan_runs(contest("zero-shot", "fewshot-3", "rag-3", "context-50"), subjects, _ALL, _POLICY)
    ids = [run.id for run in runs]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,200}", name) for name in ids)


@pytest.mark.parametrize("twice", ["arm", "task"])
def test_the_same_thing_named_twice_is_refused(contest: ContestOf, subjects: Subjects, twice: str) -> None:
    arms = ["rag-3", "rag-3"] if twice == "arm" else ["rag-3"]
    tasks = subjects.tasks[:1] * (2 if twice == "task" else 1)
    with pytest.raises(UsageError) as caught:
        plan_runs(contest(*arms), dataclasses.replace(subjects, tasks=tasks), _ALL, _POLICY)
    assert str(caught.value) == (
        "task.sums.rag-3.baseline is planned twice: name each arm once, and give every task a name of its own"
    )


def test_scores_come_first_then_probes_and_waiting_times_last(contest: ContestOf, subjects: Subjects) -> None:
    kinds = [run.kind for run in plan_runs(contest("zero-shot", "rag-3"), subjects, _ALL, _POLICY)]
    assert kinds == [RunKind.TASK] * 8 + [RunKind.PROBE] * 4 + [RunKind.LATENCY] * 8


@pytest.mark.parametrize(
    ("suite", "kind"),
    [
        (Suite.TARGET_METRIC, RunKind.TASK),
        (Suite.SCHEMA_VALIDITY, RunKind.TASK),
        (Suite.FORGETTING, RunKind.PROBE),
        (Suite.LATENCY, RunKind.LATENCY),
    ],
)
def test_a_suite_plans_only_the_runs_it_needs(
    contest: ContestOf, subjects: Subjects, suite: Suite, kind: RunKind
) -> None:
    assert {run.kind for run in plan_runs(contest("zero-shot"), subjects, [suite], _POLICY)} == {kind}


def test_two_suites_on_the_same_replies_ask_for_them_once(contest: ContestOf, subjects: Subjects) -> None:
    both = plan_runs(contest("zero-shot"), subjects, _SCORES, _POLICY)
    assert both == plan_runs(contest("zero-shot"), subjects, _SCORES[:1], _POLICY)


def test_the_baselines_own_arm_holds_for_replies_and_waiting_times_and_not_for_probes(
    contest: ContestOf, subjects: Subjects
) -> None:
    runs = plan_runs(contest("zero-shot", baseline_arm="rag-3"), subjects, _ALL, _POLICY)
    arms = {(run.kind, run.side): str(run.candidate.arm) for run in runs}
    assert arms == {
        (RunKind.TASK, Side.BASELINE): "rag-3",
        (RunKind.TASK, Side.CANDIDATE): "zero-shot",
        (RunKind.PROBE, Side.BASELINE): "zero-shot",
        (RunKind.PROBE, Side.CANDIDATE): "zero-shot",
        (RunKind.LATENCY, Side.BASELINE): "rag-3",
        (RunKind.LATENCY, Side.CANDIDATE): "zero-shot",
    }


def test_without_an_arm_of_its_own_the_baseline_has_the_candidates(
    contest: ContestOf, subjects: Subjects
) -> None:
    runs = plan_runs(contest("zero-shot", "rag-3"), subjects, _SCORES, _POLICY)
    assert shown(runs[::2]) == shown(runs[1::2])


def test_only_runs_that_retrieve_name_an_embedder_and_the_digest_depends_on_it(
    contest: ContestOf, subjects: Subjects
) -> None:
    one, other = (
        plan_runs(
            dataclasses.replace(contest("zero-shot", "rag-3", baseline_arm="fewshot-3"), embedder=name),
            subjects,
            _ALL,
            _POLICY,
        )
        for name in ("minilm", "embedder-1")
    )
    named = {run.candidate.arm.kind: run.embedder for run in one}
    assert named == {ArmKind.ZERO_SHOT: "", ArmKind.FEW_SHOT: "", ArmKind.RAG: "minilm"}
    assert plan_digest(one, _ALL, _POLICY) != plan_digest(other, _ALL, _POLICY)


def test_an_evaluation_alone_plans_one_side_and_any_number_of_items(
    contest: ContestOf, a_task: Callable[..., Task]
) -> None:
    few = Subjects(tasks=(a_task(items=3),), probes=())
    runs = plan_runs(contest("zero-shot", alone=True), few, _SCORES, _POLICY)
    assert [(run.side, len(run.item_ids)) for run in runs] == [(Side.CANDIDATE, 3)]


@pytest.mark.parametrize(
    ("suites", "arms"), [((), ("zero-shot",)), (_SCORES, ()), ((Suite.FORGETTING,), ("zero-shot",))]
)
def test_a_request_that_measures_nothing_is_refused(
    contest: ContestOf, a_task: Callable[..., Task], suites: Sequence[Suite], arms: Sequence[str]
) -> None:
    only_a_task = Subjects(tasks=(a_task(items=70),), probes=())
    with pytest.raises(
        UsageError, match=r"^nothing to measure: name at least one suite, one task and one arm$"
    ):
        plan_runs(contest(*arms), only_a_task, suites, _POLICY)


def test_a_gate_that_could_not_pass_is_refused_before_a_token_is_spent(
    contest: ContestOf, a_task: Callable[..., Task]
) -> None:
    with pytest.raises(TooFewItems) as caught:
        plan_runs(contest("zero-shot"), Subjects(tasks=(a_task(items=58),), probes=()), _SCORES, _POLICY)
    assert str(caught.value) == (
        "target-metric on sums on 58 items cannot pass: a margin of 5 points needs at least 59; ask for more "
        "items (--items 59) or widen the margin in the policy file"
    )


@pytest.mark.parametrize(
    ("suites", "policy", "question"),
    [
        (_SCORES[1:], Policy(items=58), "schema-validity on sums on 58 items"),
        (
            _SCORES,
            Policy(items=70, target_metric=PairedPolicy(margin=0.04)),
            "target-metric on sums on 70 items",
        ),
        ((Suite.FORGETTING,), Policy(alpha=0.001), "forgetting on sciq on 100 items"),
        (
            _SCORES,
            Policy(items=60, target_metric=PairedPolicy(hypothesis=Hypothesis.SUPERIORITY, margin=0.9)),
            "target-metric on sums on 60 items",
        ),
    ],
)
def test_each_question_is_held_to_its_own_policy(
    contest: ContestOf, subjects: Subjects, suites: Sequence[Suite], policy: Policy, question: str
) -> None:
    with pytest.raises(TooFewItems, match=f"^{question} cannot pass: "):
        plan_runs(contest("zero-shot"), subjects, suites, policy)


def test_fifty_nine_items_are_enough(contest: ContestOf, a_task: Callable[..., Task]) -> None:
    enough = Subjects(tasks=(a_task(items=59),), probes=())
    assert len(plan_runs(contest("zero-shot"), enough, _SCORES, _POLICY)[0].item_ids) == 59


def test_the_digest_does_not_depend_on_labels_or_folders(contest: ContestOf, subjects: Subjects) -> None:
    one = contest("rag-3")
    moved = dataclasses.replace(one.candidate, label="latest", endpoint=None, weights=Path("/elsewhere"))
    runs = plan_runs(one, subjects, _ALL, _POLICY)
    same = plan_runs(dataclasses.replace(one, candidate=moved), subjects, _ALL, _POLICY)
    assert runs != same
    assert plan_digest(runs, _ALL, _POLICY) == plan_digest(same, _ALL, _POLICY)


def test_the_digest_does_not_depend_on_the_order_of_the_suites(
    contest: ContestOf, subjects: Subjects
) -> None:
    runs = plan_runs(contest("rag-3"), subjects, _ALL, _POLICY)
    assert plan_digest(runs, _ALL, _POLICY) == plan_digest(runs, _ALL[::-1], _POLICY)


@pytest.mark.parametrize(
    "policy",
    [
        dataclasses.replace(_POLICY, alpha=0.01),
        dataclasses.replace(_POLICY, seed=1),
        dataclasses.replace(_POLICY, accept_inconclusive=True),
        dataclasses.replace(_POLICY, target_metric=PairedPolicy(role=Role.REPORT)),
        dataclasses.replace(_POLICY, latency=LatencyPolicy(pairs=150, p50_ratio=1.2)),
    ],
)
def test_the_digest_depends_on_the_policy(contest: ContestOf, subjects: Subjects, policy: Policy) -> None:
    runs = plan_runs(contest("rag-3"), subjects, _ALL, _POLICY)
    assert plan_digest(runs, _ALL, policy) != plan_digest(runs, _ALL, _POLICY)


def test_the_digest_depends_on_the_suites(contest: ContestOf, subjects: Subjects) -> None:
    runs = plan_runs(contest("rag-3"), subjects, _SCORES, _POLICY)
    assert plan_digest(runs, _SCORES, _POLICY) != plan_digest(runs, _SCORES[:1], _POLICY)


@pytest.mark.parametrize(
    "changes",
    [
        {"item_ids": ("i1", "i2")},
        {"subject_digest": "f" * 64},
        {"id": "other"},
        {"pair": "other"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_digest_depends_on_what_a_run_asks(
    contest: ContestOf, subjects: Subjects, changes: dict[str, str]
) -> None:
    first, *others = plan_runs(contest("rag-3"), subjects, _ALL, _POLICY)
    changed = (dataclasses.replace(first, **changes), *others)  # type: ignore[arg-type]
    assert plan_digest(changed, _ALL, _POLICY) != plan_digest((first, *others), _ALL, _POLICY)


def test_the_digest_depends_on_the_content_of_the_checkpoints(
    contest: ContestOf, subjects: Subjects, a_checkpoint: Callable[..., Checkpoint]
) -> None:
    one = contest("rag-3")
    other = dataclasses.replace(one, baseline=a_checkpoint("another"))
    digests = {plan_digest(plan_runs(each, subjects, _ALL, _POLICY), _ALL, _POLICY) for each in (one, other)}
    assert len(digests) == 2


def test_the_digest_depends_on_the_baselines_own_arm(contest: ContestOf, subjects: Subjects) -> None:
    contests = [contest("zero-shot", baseline_arm=arm) for arm in (None, "rag-3", "rag-4", "fewshot-3")]
    digests = {plan_digest(plan_runs(each, subjects, _ALL, _POLICY), _ALL, _POLICY) for each in contests}
    assert len(digests) == len(contests)


def test_all_items_are_chosen_when_no_number_is_asked_or_more_than_there_are() -> None:
    clusters = {"a": "x", "b": "y", "c": "x"}
    assert sorted(chosen_items(clusters, None, 0)) == sorted(chosen_items(clusters, 7, 0)) == ["a", "b", "c"]


def test_items_are_drawn_from_all_sources_alike() -> None:
    clusters = {f"i{number}": f"c{number // 50}" for number in range(500)}
    asked = Counter(clusters[name] for name in chosen_items(clusters, 100, 0))
    # Ten sources of fifty: about ten items of each, and never two sources alone.
    assert len(asked) == 10
    assert max(asked.values()) <= 20


def sharing(task: Task, size: int) -> Task:
    """The task with so many items to a source, and its sources mixed."""
    items = tuple(
        dataclasses.replace(item, cluster=f"c{number % (len(task.items) // size)}")
        for number, item in enumerate(task.items)
    )
    return dataclasses.replace(task, items=items)


def test_a_run_names_the_source_of_every_item_where_some_share_one(
    contest: ContestOf, a_task: Callable[..., Task]
) -> None:
    plain, shared = (
        plan_runs(contest("zero-shot"), Subjects(tasks=(task,), probes=()), _SCORES, _POLICY)
        for task in (a_task(items=70), sharing(a_task(items=70), 7))
    )
    assert {run.clusters for run in plain} == {()}
    for run in shared:
        assert len(run.clusters) == len(run.item_ids) == 60
        sources = [source for source, _ in groupby(run.clusters)]
        assert len(sources) == len(set(sources)) == 10
        known = {item.id: item.cluster for item in sharing(a_task(items=70), 7).items}
        assert [known[name] for name in run.item_ids] == list(run.clusters)


def test_both_sides_and_the_anchor_are_asked_the_same_in_the_same_order(
    contest: ContestOf, a_task: Callable[..., Task], a_checkpoint: Callable[..., Checkpoint]
) -> None:
    anchored = dataclasses.replace(contest("zero-shot"), anchor=a_checkpoint("frozen"))
    subjects = Subjects(tasks=(sharing(a_task(items=70), 7),), probes=())
    runs = plan_runs(anchored, subjects, _SCORES, _POLICY)
    assert [run.side for run in runs] == [Side.BASELINE, Side.CANDIDATE, Side.ANCHOR]
    assert len({(run.item_ids, run.clusters, run.pair) for run in runs}) == 1
    assert [run.candidate.checkpoint.label for run in runs] == ["theirs", "mine", "frozen"]


def test_an_anchor_takes_part_in_all_but_waiting_times(
    contest: ContestOf, subjects: Subjects, a_checkpoint: Callable[..., Checkpoint]
) -> None:
    anchored = dataclasses.replace(contest("zero-shot", baseline_arm="rag-3"), anchor=a_checkpoint("frozen"))
    runs = plan_runs(anchored, subjects, _ALL, _POLICY)
    arms = {(run.kind, str(run.candidate.arm)) for run in runs if run.side is Side.ANCHOR}
    assert arms == {(RunKind.TASK, "rag-3"), (RunKind.PROBE, "zero-shot")}


def test_an_anchor_makes_another_plan(
    contest: ContestOf, subjects: Subjects, a_checkpoint: Callable[..., Checkpoint]
) -> None:
    plain = contest("zero-shot")
    plans = [
        plain,
        dataclasses.replace(plain, anchor=a_checkpoint("frozen")),
        dataclasses.replace(plain, anchor=a_checkpoint("another")),
    ]
    digests = {plan_digest(plan_runs(each, subjects, _ALL, _POLICY), _ALL, _POLICY) for each in plans}
    assert len(digests) == 3


def test_pooled_probes_name_the_category_of_every_item(
    contest: ContestOf, a_probe: Callable[..., Probe]
) -> None:
    probe = a_probe(items=80)
    items = tuple(
        dataclasses.replace(item, category="easy" if number < 30 else "hard")
        for number, item in enumerate(probe.items)
    )
    subjects = Subjects(tasks=(), probes=(dataclasses.replace(probe, items=items),))
    for run in plan_runs(contest("zero-shot"), subjects, (Suite.FORGETTING,), _POLICY):
        known = {item.id: item.category for item in items}
        assert [known[name] for name in run.item_ids] == list(run.categories)
        assert Counter(run.categories) == {"easy": 30, "hard": 50}
        assert run.categories[:30] != ("easy",) * 30


def test_waiting_is_measured_on_every_item_before_one_is_asked_again() -> None:
    names = latency_items(("a", "b", "c"), Policy(latency=LatencyPolicy(pairs=7)))
    first, second, third = names[:3], names[3:6], names[6:]
    assert sorted(first) == ["a", "b", "c"]
    assert second == tuple(f"{name}~2" for name in first)
    assert third == (f"{first[0]}~3",)


@pytest.mark.parametrize("baseline_arm", [None, "oracle-context"])
def test_an_arm_that_shows_perfect_paragraphs_needs_one_for_every_item(
    baseline_arm: str | None, contest: ContestOf, subjects: Subjects
) -> None:
    arms = ("zero-shot",) if baseline_arm else ("zero-shot", "oracle-context")
    asked = contest(*arms, baseline_arm=baseline_arm)
    with pytest.raises(UsageError, match="arm oracle-context shows each item its perfect paragraph"):
        plan_runs(asked, subjects, _SCORES, _POLICY)
