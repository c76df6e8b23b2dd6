"""Looks a request up: checkpoints found, tasks loaded, runs planned; nothing is started."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.config.task_folder import find_task, load_task
from harness.domain.arm import ArmKind
from harness.domain.checkpoint import Checkpoint
from harness.domain.provenance import Provenance, Unlike
from harness.domain.suite import Suite
from harness.errors import TooFewItems
from harness.experiments.ladder_request import require_contest, require_gold
from harness.experiments.measure import GatePlan
from harness.experiments.members import members_of
from harness.experiments.plan import Contest, Subjects, plan_runs
from harness.experiments.power import underpowered
from harness.experiments.progress import Progress
from harness.experiments.provenance import examined
from harness.experiments.request import GateRequest, Purpose
from harness.gating.wording import plural
from serving.adapter_config import read_adapter_config
from serving.checkpoints import resolve_checkpoint
from serving.deployment import plan_deployment
from serving.embedder_choice import embedder_name
from serving.hardware import Accelerator, Hardware, hardware
from suites.probes import load_probe, pooled
from training.merge import MergeBase, merged_checkpoint, settled

_SCORED = (Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY)
"""The suites that score replies: what is asked of one checkpoint alone, where nothing else was asked for."""

_NO_MACHINE = Hardware(accelerator=Accelerator.CPU, cores=1, available_bytes=0, native_bfloat16=True)
"""Stands in where only endpoints are asked and nothing is served from here."""


def prepare(request: GateRequest, progress: Progress) -> GatePlan:
    """Return the plan for `request`: everything looked up, checked, and nothing started.

    Raises `UnlikeTraining` and `ContaminatedItems` for what the policy refuses to ask, and
    `TooFewItems` for questions that cannot pass, or cannot be expected to although the
    request did not allow that.
    """
    alone = request.purpose is Purpose.SCORE
    suites = request.suites or _SCORED if alone else request.suites
    machine = machine_for(_names(request))
    loaded = load_subjects(request)
    climbs = request.purpose is Purpose.LADDER
    if climbs:
        require_gold(request.arms, loaded.tasks[0])
    resolved = {name: _resolved(name, request, machine, progress) for name in _names(request)}
    if climbs:
        require_contest(request, resolved)
    subjects, provenance = examined(
        members_of(request, resolved, suites),
        loaded,
        loaded.tasks if set(_SCORED) & set(suites) else (),
        request.policy,
        # What an arm does to a checkpoint that never saw it is part of what the ladder asks.
        tolerated={Unlike.PROMPTS} if climbs else (),
    )
    found = {name: _served(each, request, machine, progress) for name, each in resolved.items()}
    with _left_out_told(provenance):
        runs = plan_runs(_contest(request, found), subjects, suites, request.policy)
    small = underpowered(runs, suites, request.policy, request.places.results)
    if small and not request.allow_underpowered:
        raise TooFewItems(
            f"{next(iter(small.values()))}; ask for more items, widen the margin, or measure all the same "
            "with --allow-underpowered, and then nothing that is too small can pass"
        )
    return GatePlan(
        request=replace(request, suites=suites),
        subjects=subjects,
        runs=runs,
        deployment=plan_deployment(found.values(), machine),
        underpowered=small,
        provenance=provenance,
    )


def machine_for(names: Iterable[str]) -> Hardware:
    """Return what this machine has, not looked at where `names` are all endpoints."""
    return hardware() if any(map(_needs_server, names)) else _NO_MACHINE


@contextmanager
def _left_out_told(provenance: Provenance) -> Iterator[None]:
    """Where too few items are left, say how many were left out."""
    try:
        yield
    except TooFewItems as error:
        count = sum(len(overlap.item_ids) for overlap in provenance.left_out)
        if not count:
            raise
        raise TooFewItems(f"{error}; {plural(count, 'item')} had been trained on and left out") from error


def _names(request: GateRequest) -> tuple[str, ...]:
    """Every checkpoint that takes part, once."""
    if request.purpose is Purpose.SCORE:
        return (request.checkpoint,)
    names = (request.checkpoint, request.baseline, request.policy.anchor)
    return tuple(dict.fromkeys(name for name in names if name is not None))


def _needs_server(name: str) -> bool:
    return not name.startswith(("http://", "https://"))


def _contest(request: GateRequest, found: Mapping[str, Checkpoint]) -> Contest:
    alone = request.purpose is Purpose.SCORE
    baseline = None if alone else found[request.baseline]
    anchor = None if alone else found.get(request.policy.anchor or "")
    # A baseline that is its own anchor would be asked everything twice.
    is_apart = anchor is not None and baseline is not None and anchor.digest != baseline.digest
    return Contest(
        candidate=found[request.checkpoint],
        baseline=baseline,
        arms=request.arms,
        baseline_arm=request.baseline_arm,
        anchor=anchor if is_apart else None,
        embedder=_embedder(request),
    )


def _embedder(request: GateRequest) -> str:
    """The name of who retrieves, empty where nothing is retrieved."""
    if not any(arm is not None and arm.kind is ArmKind.RAG for arm in (*request.arms, request.baseline_arm)):
        return ""
    return embedder_name(request.places.embedder, cache=request.places.cache)


def load_subjects(request: GateRequest) -> Subjects:
    """Return the tasks and probes of a request, loaded and checked."""
    tasks = tuple(load_task(find_task(name, tasks_dir=request.places.tasks)) for name in request.tasks)
    temperature = request.policy.temperature
    if temperature is not None:
        tasks = tuple(
            replace(task, decoding=replace(task.decoding, temperature=temperature)) for task in tasks
        )
    policy = request.policy.forgetting
    wanted = policy.probes if Suite.FORGETTING in request.suites else ()
    probes = tuple(load_probe(name, items=policy.items, seed=request.policy.seed) for name in wanted)
    return Subjects(tasks=tasks, probes=(pooled(probes),) if policy.pooled and probes else probes)


def servable(
    name: str, *, cache: Path, machine: Hardware, max_model_len: int, progress: Progress
) -> Checkpoint:
    """Return the checkpoint `name`, its adapter merged where a server cannot carry it well."""
    found = resolve_checkpoint(
        name, cache=cache, precision=machine.precision, max_model_len=max_model_len, say=progress.say
    )
    return as_served(found, MergeBase.AS_TRAINED, cache=cache, machine=machine, progress=progress)


def as_served(
    found: Checkpoint, into: MergeBase, *, cache: Path, machine: Hardware, progress: Progress
) -> Checkpoint:
    """Return what is served of a checkpoint: its adapter is merged unless a server carries it well.

    An adapter for the dequantised base is always merged: beside the base in full precision it
    would be served on other weights.  A base that was asked for stands in the label.
    """
    if found.adapter is None:
        return found
    named = found if into is MergeBase.AS_TRAINED else replace(found, label=f"{found.label} (into {into})")
    is_fast = machine.accelerator is Accelerator.CUDA
    on_full = settled(into, found.adapter) is MergeBase.FULL
    if is_fast and on_full and read_adapter_config(found.adapter).can_be_served_apart:
        return named
    return merged_checkpoint(named, cache=cache, say=progress.say, into=into)


def _resolved(name: str, request: GateRequest, machine: Hardware, progress: Progress) -> Checkpoint:
    return resolve_checkpoint(
        name,
        cache=request.places.cache,
        precision=machine.precision,
        max_model_len=request.max_model_len,
        say=progress.say,
    )


def _served(found: Checkpoint, request: GateRequest, machine: Hardware, progress: Progress) -> Checkpoint:
    return as_served(
        found, request.merge_into, cache=request.places.cache, machine=machine, progress=progress
    )
