"""Manifests of gates of which a test says only what it is about."""

from collections.abc import Sequence
from typing import Any

from harness.domain.manifest import FORMAT_VERSION, GateManifest
from harness.domain.policy import Policy
from harness.domain.run import RunSpec


def a_manifest(runs: Sequence[RunSpec], **fields: Any) -> GateManifest:  # noqa: ANN401 - of any field
    """The manifest of a gate over `runs`: as usual in all that is not said."""
    usual: dict[str, Any] = {
        "gate_id": "20261122-abc",
        "plan_digest": "d" * 64,
        "attempt": 1,
        "created_at": "2026-11-22T10:00:00+00:00",
        "policy": Policy(),
        "suites": (),
        "environment": {},
    }
    return GateManifest(format_version=FORMAT_VERSION, runs=tuple(runs), **{**usual, **fields})
