"""What a decision asks to be measured: both checkpoints, and a stronger one, under every arm."""

from collections.abc import Mapping
from dataclasses import replace

from harness.domain.arm import Arm, ArmKind
from harness.domain.checkpoint import Checkpoint
from harness.domain.decision import LadderTerms
from harness.domain.policy import Policy, Role
from harness.domain.suite import Suite
from harness.domain.task import Task
from harness.errors import UnknownCheckpoint, UsageError
from harness.experiments.request import GateRequest, Purpose
from serving.digest import weights_digest
from training.certificate import read_certificate

_FEWEST_ARMS = 2


def ladder_request(request: GateRequest, terms: LadderTerms, *, stronger: str | None) -> GateRequest:
    """Return the request that measures the ladder of `request.baseline` and of what was tuned from it.

    All items are asked in every cell, nothing gates, and `stronger` is asked under the same arms.
    Raises `UsageError` for fewer than two arms, or other than one task.
    """
    servable = [arm for arm in request.arms if arm.kind is not ArmKind.ORACLE]
    if len(servable) < _FEWEST_ARMS:
        named = ", ".join(map(str, servable)) or "none"
        raise UsageError(
            f"a decision needs two arms that can be served and got {named}: add a prompted one, such as "
            "--arms zero-shot,rag-3, because what is weighed against training is a well-prompted base"
        )
    if len(request.tasks) != 1:
        raise UsageError(
            f"a decision is about one task and got {', '.join(request.tasks) or 'none'}: decide each apart"
        )
    return replace(
        request,
        suites=(Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY),
        policy=_measuring(request.policy, stronger),
        purpose=Purpose.LADDER,
        allow_underpowered=True,
        ladder=terms,
    )


def require_contest(request: GateRequest, found: Mapping[str, Checkpoint]) -> None:
    """Return nothing; raise `UsageError` where two of a ladder's checkpoints are one, or no relatives.

    Raises `UnknownCheckpoint` for a tuned checkpoint that was trained on another base, as far as
    its folder or its certificate tells.
    """
    base, tuned = found[request.baseline], found[request.checkpoint]
    named = {"--base": base, "--tuned": tuned}
    if request.policy.anchor is not None:
        named["--stronger"] = found[request.policy.anchor]
    seen: dict[str, str] = {}
    for option, checkpoint in named.items():
        if checkpoint.digest in seen:
            raise UsageError(
                f"{seen[checkpoint.digest]} and {option} are the same checkpoint, {checkpoint.label}: name "
                "different ones"
            )
        seen[checkpoint.digest] = option
    _refuse_other_base(request, base, tuned)


def require_gold(arms: tuple[Arm, ...], task: Task) -> None:
    """Return nothing; raise `UsageError` for an arm that needs more solved examples than a task has."""
    for arm in arms:
        if arm.examples > len(task.gold):
            has = f"has {len(task.gold)}" if task.gold else "has no gold pool"
            raise UsageError(
                f"arm {arm} needs {arm.examples} gold examples and task {task.name} {has}: add them to its "
                "gold.jsonl, or leave the arm out"
            )


def _measuring(policy: Policy, stronger: str | None) -> Policy:
    """A policy under which everything is measured to the end and blocks nothing."""
    return replace(
        policy,
        sequential=False,
        stop_at_first_regression=False,
        anchor=stronger,
        waivers=(),
        target_metric=replace(policy.target_metric, role=Role.REPORT, max_lost=None),
        schema_validity=replace(policy.schema_validity, role=Role.REPORT, max_lost=None),
    )


def _refuse_other_base(request: GateRequest, base: Checkpoint, tuned: Checkpoint) -> None:
    if base.weights is None or tuned.weights is None:
        return  # an endpoint tells nothing of its weights
    certificate = read_certificate(tuned.adapter or tuned.weights)
    cache = request.places.cache
    if tuned.adapter is not None:
        trained_on = weights_digest(tuned.weights, cache=cache)
    elif certificate is not None:
        trained_on = certificate.base_digest
    else:
        return
    if weights_digest(base.weights, cache=cache) != trained_on:
        raise UnknownCheckpoint(
            f"--tuned {tuned.label} was trained on another base than --base {base.label}: name the base it "
            "was trained on, or train it on this one"
        )
