from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.arm import parse_arm
from harness.domain.checkpoint import Checkpoint
from harness.domain.decision import LadderTerms
from harness.domain.policy import PairedPolicy, Policy, Role
from harness.domain.task import Task
from harness.errors import UnknownCheckpoint, UsageError
from harness.experiments.ladder_request import ladder_request, require_contest, require_gold
from harness.experiments.request import GateRequest, Purpose, arms_named, places
from serving.digest import weights_digest


@pytest.fixture
def request_of(tmp_path: Path) -> GateRequest:
    return GateRequest(
        checkpoint="tuned",
        baseline="base",
        arms=arms_named("zero-shot,rag-3"),
        tasks=("tickets",),
        suites=(),
        policy=Policy(target_metric=PairedPolicy(max_lost=1)),
        places=replace(places(tmp_path / "results"), cache=tmp_path / "cache"),
    )


def folder(tmp_path: Path, name: str, weights: bytes) -> Path:
    made = tmp_path / name
    made.mkdir()
    (made / "model.safetensors").write_bytes(weights)
    return made


def test_all_items_are_asked_and_nothing_gates(request_of: GateRequest) -> None:
    found = ladder_request(request_of, LadderTerms(), stronger="large")
    policy = found.policy
    assert (found.purpose, found.ladder, policy.anchor) == (Purpose.LADDER, LadderTerms(), "large")
    assert (policy.sequential, policy.target_metric.role, policy.target_metric.max_lost) == (
        False,
        Role.REPORT,
        None,
    )


@pytest.mark.parametrize(
    ("arms", "named"), [("", "none"), ("rag-3", "rag-3"), ("rag-3,oracle-context", "rag-3")]
)
def test_fewer_than_two_arms_are_no_ladder(arms: str, named: str, request_of: GateRequest) -> None:
    with pytest.raises(UsageError, match=f"needs two arms that can be served and got {named}"):
        ladder_request(replace(request_of, arms=arms_named(arms)), LadderTerms(), stronger=None)


@pytest.mark.parametrize(("gold", "has"), [(0, "has no gold pool"), (2, "has 2")])
def test_an_arm_without_enough_gold_is_refused(gold: int, has: str, a_task: Callable[..., Task]) -> None:
    with pytest.raises(UsageError, match=f"arm rag-3 needs 3 gold examples and task sums {has}"):
        require_gold((parse_arm("zero-shot"), parse_arm("rag-3")), a_task(gold=gold))


def test_an_adapter_is_taken_beside_the_weights_it_was_trained_on_wherever_these_lie(
    request_of: GateRequest, tmp_path: Path
) -> None:
    base = Checkpoint(label="base", digest="a" * 64, weights=folder(tmp_path, "base", b"one"))
    same, other = folder(tmp_path, "same", b"one"), folder(tmp_path, "other", b"two")
    tuned = Checkpoint(label="tuned", digest="b" * 64, weights=same, adapter=tmp_path)
    require_contest(request_of, {"base": base, "tuned": tuned})
    with pytest.raises(UnknownCheckpoint, match="--tuned tuned was trained on another base than --base base"):
        require_contest(request_of, {"base": base, "tuned": replace(tuned, weights=other)})


def test_two_names_of_one_checkpoint_are_refused(request_of: GateRequest, tmp_path: Path) -> None:
    one = Checkpoint(label="base", digest="a" * 64, weights=folder(tmp_path, "base", b"one"))
    with pytest.raises(UsageError, match="--base and --tuned are the same checkpoint"):
        require_contest(request_of, {"base": one, "tuned": replace(one, label="again")})


def test_merged_weights_say_by_their_certificate_what_they_were_trained_on(
    request_of: GateRequest, tmp_path: Path, trained: Callable[..., Path]
) -> None:
    weights = folder(tmp_path, "base", b"one")
    base = Checkpoint(label="base", digest="a" * 64, weights=weights)
    own = weights_digest(weights, cache=request_of.places.cache)
    merged = Checkpoint(label="tuned", digest="b" * 64, weights=trained("merged", base_digest=own))
    require_contest(request_of, {"base": base, "tuned": merged})
    foreign = replace(merged, weights=trained("foreign", base_digest="c" * 64))
    with pytest.raises(UnknownCheckpoint, match="was trained on another base"):
        require_contest(request_of, {"base": base, "tuned": foreign})
