"""Resolved checkpoints and loaded tasks -> the runs of a gate; pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from harness.domain.arm import Arm, ArmKind
from harness.domain.checkpoint import Checkpoint
from harness.domain.decision import LadderTerms
from harness.domain.policy import Policy, Role
from harness.domain.run import Candidate, RunKind, RunSpec, Side
from harness.domain.suite import Suite
from harness.domain.task import Probe, Task
from harness.engine.schedule import REPEAT_MARK
from harness.engine.seeds import derived_seed, shuffled
from harness.errors import UsageError
from harness.gating.minimum import require_items
from harness.gating.questions import paired_policy
from harness.prompting.render import require_oracle


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The tasks and probes a gate asks about."""

    tasks: tuple[Task, ...]
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Who is weighed: the candidate's checkpoint and arms against the baseline's.

    `baseline` of None plans the candidate's runs alone.  The `anchor` is compared with the
    candidate too, under the baseline's arms; it has no say in waiting times.  `embedder` names
    the vectors by which rag-K finds its examples.
    """

    candidate: Checkpoint
    baseline: Checkpoint | None
    arms: tuple[Arm, ...]
    baseline_arm: Arm | None = None
    anchor: Checkpoint | None = None
    embedder: str = ""

    def sides(self, arm: Arm, kind: RunKind) -> tuple[tuple[Side, Checkpoint, Arm], ...]:
        """Return who takes part in a run of `kind` under `arm`, and under which arm of theirs."""
        other_arm = arm if kind is RunKind.PROBE else self.baseline_arm or arm
        taking_part = [
            (Side.BASELINE, self.baseline, other_arm),
            (Side.CANDIDATE, self.candidate, arm),
            (Side.ANCHOR, None if kind is RunKind.LATENCY else self.anchor, other_arm),
        ]
        return tuple((side, checkpoint, at) for side, checkpoint, at in taking_part if checkpoint is not None)


def plan_runs(
    contest: Contest, subjects: Subjects, suites: Sequence[Suite], policy: Policy
) -> tuple[RunSpec, ...]:
    """Return every run the suites need, in the order they are to be measured.

    Raises `TooFewItems` when a question could not pass whatever the model did, and
    `UsageError` when there is nothing to ask, or an arm or a task's name comes twice.
    """
    probes = _probe_runs(contest, subjects, suites, policy.seed)
    runs = [*_task_runs(contest, subjects, suites, policy), *probes]
    # A suite that is left without a run would drop out of the verdict unseen.
    of_tasks = any(suite is not Suite.FORGETTING for suite in suites)
    if not runs or (of_tasks and not (subjects.tasks and contest.arms)):
        raise UsageError("nothing to measure: name at least one suite, one task and one arm")
    _require_unique(runs)
    if contest.baseline is not None:
        _require_enough(runs, suites, policy)
    ordered = (RunKind.TASK, RunKind.PROBE, RunKind.LATENCY)
    return tuple(sorted(runs, key=lambda run: ordered.index(run.kind)))


def plan_digest(
    runs: Sequence[RunSpec], suites: Sequence[Suite], policy: Policy, terms: LadderTerms | None = None
) -> str:
    """Return the hex sha256 of what is asked; labels and folders do not count."""
    asked = [
        [
            run.id,
            run.pair,
            run.candidate.checkpoint.digest,
            # The ids name the candidate's arm; the baseline may have one of its own.
            str(run.candidate.arm),
            run.subject_digest,
            list(run.item_ids),
            *([run.embedder] if run.embedder else []),
        ]
        for run in runs
    ]
    terms_too = [] if terms is None else [repr(terms)]
    text = json.dumps([asked, sorted(suites), repr(policy), *terms_too], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def chosen_items(clusters: Mapping[str, str], count: int | None, seed: int) -> tuple[str, ...]:
    """Return `count` item ids (None for all) in a seeded order; a larger count holds the smaller's.

    `clusters` names the source of each item.  Items are drawn from all sources alike, and
    those of one source then asked one after the other, because the evidence of a source is
    weighed as a whole.
    """
    drawn = shuffled(tuple(sorted(clusters)), derived_seed(seed, "items"))[:count]
    members: dict[str, list[str]] = {}
    for name in drawn:
        members.setdefault(clusters[name], []).append(name)
    return tuple(name for names in members.values() for name in names)


def latency_items(names: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    """Return as many ids as the latency policy asks pairs; `X~2` is the second asking of `X`."""
    order = shuffled(names, derived_seed(policy.seed, "latency"))
    rounds, rest = divmod(policy.latency.pairs, len(order))
    repeats = [
        name if turn == 0 else f"{name}{REPEAT_MARK}{turn + 1}"
        for turn in range(rounds + 1)
        for name in (order if turn < rounds else order[:rest])
    ]
    return tuple(repeats)


def _task_runs(
    contest: Contest, subjects: Subjects, suites: Sequence[Suite], policy: Policy
) -> Iterator[RunSpec]:
    """The runs over tasks: one a task and arm serves both suites of scores, another waiting time."""
    for task, arm in product(subjects.tasks, contest.arms):
        if ArmKind.ORACLE in (arm.kind, contest.baseline_arm and contest.baseline_arm.kind):
            require_oracle(task, task.items)
        clusters = {item.id: item.cluster for item in task.items}
        if {Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY} & set(suites):
            chosen = chosen_items(clusters, policy.items, policy.seed)
            sources = tuple(map(clusters.__getitem__, chosen))
            asked = _Asked(
                subject=task,
                item_ids=chosen,
                clusters=sources if len(set(sources)) < len(sources) else (),
            )
            yield from _sides(contest, arm, RunKind.TASK, asked)
        if Suite.LATENCY in suites:
            asked = _Asked(subject=task, item_ids=latency_items(tuple(clusters), policy))
            yield from _sides(contest, arm, RunKind.LATENCY, asked)


def _probe_runs(
    contest: Contest, subjects: Subjects, suites: Sequence[Suite], seed: int
) -> Iterator[RunSpec]:
    """The runs over probes, which are asked without an arm."""
    if Suite.FORGETTING in suites:
        for probe in subjects.probes:
            chosen = chosen_items({item.id: item.id for item in probe.items}, None, seed)
            category = {item.id: item.category for item in probe.items if item.category}
            asked = _Asked(
                subject=probe,
                item_ids=chosen,
                categories=tuple(map(category.__getitem__, chosen)) if category else (),
            )
            yield from _sides(contest, Arm(kind=ArmKind.ZERO_SHOT), RunKind.PROBE, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked of every side: items of a subject in the order of the evidence."""

    subject: Task | Probe
    item_ids: tuple[str, ...]
    clusters: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


def _sides(contest: Contest, arm: Arm, kind: RunKind, asked: _Asked) -> tuple[RunSpec, ...]:
    pair = ".".join((kind, asked.subject.name, str(arm)))
    return tuple(
        RunSpec(
            id=f"{pair}.{side}",
            pair=pair,
            kind=kind,
            side=side,
            candidate=Candidate(checkpoint=checkpoint, arm=at),
            subject=asked.subject.name,
            subject_digest=asked.subject.digest,
            item_ids=asked.item_ids,
            clusters=asked.clusters,
            categories=asked.categories,
            embedder=contest.embedder if at.kind is ArmKind.RAG else "",
        )
        for side, checkpoint, at in contest.sides(arm, kind)
    )


def _require_unique(runs: Sequence[RunSpec]) -> None:
    first_seen: set[str] = set()
    for run in runs:
        if run.id in first_seen:
            raise UsageError(
                f"{run.id} is planned twice: name each arm once, and give every task a name of its own"
            )
        first_seen.add(run.id)


def _require_enough(runs: Sequence[RunSpec], suites: Sequence[Suite], policy: Policy) -> None:
    """Only what gates must be able to pass; what is reported may be as small as one likes."""
    asked = {RunKind.TASK: (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY), RunKind.PROBE: (Suite.FORGETTING,)}
    for run in runs:
        if run.side is not Side.CANDIDATE:
            continue
        for suite in asked.get(run.kind, ()):
            if suite in suites and paired_policy(suite, policy).role is Role.GATE:
                require_items(
                    len(run.item_ids),
                    paired_policy(suite, policy),
                    alpha=policy.alpha,
                    question=f"{suite} on {run.subject}",
                )
