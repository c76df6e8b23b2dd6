"""The birth certificate of a gate: everything needed to resume it and to replay its verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.domain.decision import LadderTerms
from harness.domain.policy import Policy
from harness.domain.provenance import Provenance
from harness.domain.run import RunSpec
from harness.domain.suite import Suite
from harness.domain.verdict import Status

FORMAT_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierLook:
    """A finished gate that asked some of the same questions of the same two checkpoints."""

    gate_id: str
    created_at: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class GateManifest:
    """Written before the first token is spent and never changed afterwards.

    `plan_digest` is a hex sha256 over suites, policy and runs: the same request on the
    same content has the same one.  `attempt` counts from 1 how often that plan was begun
    anew.  `created_at` is ISO 8601 in UTC.  `environment` holds package versions, git
    commit, hardware and server arguments by name.  `earlier` are the looks taken before at
    the same pairs of checkpoints, oldest first.  `underpowered` says in a sentence, by
    question, why it is too small to pass although it was measured on demand.  `provenance` is what the
    checkpoints said of their training.  `ladder` is what a decision is held to, None for a gate.
    """

    format_version: int
    gate_id: str
    plan_digest: str
    attempt: int
    created_at: str
    policy: Policy
    suites: tuple[Suite, ...]
    runs: tuple[RunSpec, ...]
    environment: Mapping[str, str]
    earlier: tuple[EarlierLook, ...] = ()
    underpowered: Mapping[str, str] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)
    ladder: LadderTerms | None = None
