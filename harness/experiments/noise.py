"""A checkpoint weighed against itself: how much its items vary, before anything is decided on them."""

from dataclasses import replace

from harness.domain.policy import Policy, Role
from harness.domain.suite import Suite
from harness.experiments.request import GateRequest, Purpose


def noise_request(request: GateRequest) -> GateRequest:
    """Return the request that measures the noise of `request.baseline` under the same policy.

    All items are asked, of both sides, with seeds of their own; nothing gates and no
    waiting time is measured.
    """
    return replace(
        request,
        checkpoint=request.baseline,
        suites=tuple(suite for suite in request.suites if suite is not Suite.LATENCY),
        policy=replace(reporting(request.policy), sequential=False, anchor=None),
        purpose=Purpose.NOISE,
        allow_underpowered=True,
    )


def reporting(policy: Policy) -> Policy:
    """Return `policy` with every suite only reported, and nothing asked of people."""
    return replace(
        policy,
        target_metric=replace(policy.target_metric, role=Role.REPORT),
        schema_validity=replace(policy.schema_validity, role=Role.REPORT),
        forgetting=replace(policy.forgetting, role=Role.REPORT),
        latency=replace(policy.latency, role=Role.REPORT),
        reads=None,
        judge=None,
    )
