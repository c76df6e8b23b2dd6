"""Who takes part in a gate, as far as it matters how they were trained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.domain.arm import Arm
from harness.domain.checkpoint import Checkpoint
from harness.domain.run import Side
from harness.domain.suite import Suite
from harness.errors import UnknownCheckpoint, UsageError
from harness.experiments.request import GateRequest, Purpose
from training.certificate import CERTIFICATE, read_certificate
from training.merge import MergeBase, settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A checkpoint that takes part: the sides it stands on, and the arms it is asked under on them.

    `into` is the base its adapter is served on, None for one without an adapter.  `told_by` is a
    folder that tells of its training besides its own, for an endpoint that has none.
    """

    checkpoint: Checkpoint
    sides: tuple[Side, ...]
    arms: tuple[Arm, ...]
    into: MergeBase | None = None
    told_by: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where its training may be told of, the last training first."""
        places = (self.told_by, self.checkpoint.adapter, self.checkpoint.weights)
        return tuple(folder for folder in places if folder is not None)


def members_of(
    request: GateRequest, resolved: Mapping[str, Checkpoint], suites: Sequence[Suite]
) -> tuple[Member, ...]:
    """Return every checkpoint of a request, each found under its name in `resolved`.

    Probes are asked without an arm: where `suites` asks nothing else, there is none.  Raises
    `UsageError` for a certificate that was named and is none of an endpoint's, or none at all.
    """
    told_by = _told_by(request, resolved[request.checkpoint])
    own = (request.baseline_arm,) if request.baseline_arm else request.arms
    places: dict[Side, tuple[str | None, tuple[Arm, ...]]] = {
        Side.CANDIDATE: (request.checkpoint, request.arms)
    }
    if request.purpose is not Purpose.SCORE:
        places |= {Side.BASELINE: (request.baseline, own), Side.ANCHOR: (request.policy.anchor, own)}
    is_asked = any(suite is not Suite.FORGETTING for suite in suites)
    return tuple(
        Member(
            checkpoint=found,
            sides=tuple(side for side, (named, _) in places.items() if named == name),
            arms=_once(arms for named, arms in places.values() if named == name and is_asked),
            into=None if found.adapter is None else settled(request.merge_into, found.adapter),
            told_by=told_by if name == request.checkpoint else None,
        )
        for name, found in resolved.items()
    )


def _once(lists: Iterable[Sequence[Arm]]) -> tuple[Arm, ...]:
    return tuple(dict.fromkeys(arm for arms in lists for arm in arms))


def _told_by(request: GateRequest, candidate: Checkpoint) -> Path | None:
    folder = request.certificate
    if folder is None:
        return None
    if candidate.endpoint is None:
        raise UsageError(
            f"--certificate is {folder}, but {candidate.label} is no endpoint and brings its own: leave it "
            "out"
        )
    if read_certificate(folder) is None:
        raise UnknownCheckpoint(
            f"{folder} holds no {CERTIFICATE}: give the folder of the adapter, or of what was merged from it"
        )
    return folder
