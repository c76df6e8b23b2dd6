"""Who takes part, on which sides, under which arms, and on which base."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.domain.checkpoint import Checkpoint, Endpoint
from harness.domain.policy import Policy
from harness.domain.run import Side
from harness.domain.suite import MEASURED, Suite
from harness.errors import UnknownCheckpoint, UsageError
from harness.experiments.members import Member, members_of
from harness.experiments.request import GateRequest, Purpose, arm_named, arms_named, places
from training.merge import MergeBase

ALL = MEASURED


@pytest.fixture
def asked(tmp_path: Path) -> GateRequest:
    return GateRequest(
        checkpoint="mine",
        baseline="theirs",
        arms=arms_named("zero-shot,rag-3"),
        tasks=("tickets",),
        suites=ALL,
        policy=Policy(anchor="frozen"),
        places=places(tmp_path),
    )


def far(name: str) -> Checkpoint:
    return Checkpoint(label=name, digest=name, endpoint=Endpoint(url="http://localhost/v1", model=name))


def members(request: GateRequest, *names: str, suites: tuple[Suite, ...] = ALL) -> dict[str, Member]:
    found = members_of(request, {name: far(name) for name in names}, suites)
    return {each.checkpoint.label: each for each in found}


def arms(member: Member) -> list[str]:
    return [str(arm) for arm in member.arms]


def test_every_side_is_asked_under_the_arms_that_it_is_measured_under(asked: GateRequest) -> None:
    request = dataclasses.replace(asked, baseline_arm=arm_named("fewshot-2"))
    found = members(request, "mine", "theirs", "frozen")
    assert {name: (each.sides, arms(each)) for name, each in found.items()} == {
        "mine": ((Side.CANDIDATE,), ["zero-shot", "rag-3"]),
        "theirs": ((Side.BASELINE,), ["fewshot-2"]),
        "frozen": ((Side.ANCHOR,), ["fewshot-2"]),
    }


def test_a_checkpoint_against_itself_is_one_member_on_two_sides(asked: GateRequest) -> None:
    request = dataclasses.replace(
        asked, baseline="mine", baseline_arm=arm_named("fewshot-2"), policy=Policy()
    )
    (found,) = members(request, "mine").values()
    assert (found.sides, arms(found)) == (
        (Side.CANDIDATE, Side.BASELINE),
        ["zero-shot", "rag-3", "fewshot-2"],
    )


def test_a_score_alone_has_no_other_side(asked: GateRequest) -> None:
    (found,) = members(dataclasses.replace(asked, baseline="mine", purpose=Purpose.SCORE), "mine").values()
    assert found.sides == (Side.CANDIDATE,)


def test_probes_alone_are_asked_under_no_arm(asked: GateRequest) -> None:
    assert arms(members(asked, "mine", suites=(Suite.FORGETTING,))["mine"]) == []


@pytest.mark.parametrize(
    ("quantization", "wanted", "into"),
    [
        ("nf4", MergeBase.AS_TRAINED, MergeBase.DEQUANTISED),
        ("none", MergeBase.AS_TRAINED, MergeBase.FULL),
        ("nf4", MergeBase.FULL, MergeBase.FULL),
        ("none", MergeBase.DEQUANTISED, MergeBase.DEQUANTISED),
    ],
)
def test_an_adapter_is_served_on_the_base_it_was_trained_on_unless_another_is_asked_for(
    quantization: str, wanted: MergeBase, into: MergeBase, asked: GateRequest, trained: Callable[..., Path]
) -> None:
    adapter = trained("adapter", quantization=quantization)
    checkpoint = Checkpoint(label="mine", digest="1", weights=adapter.parent, adapter=adapter)
    request = dataclasses.replace(asked, merge_into=wanted)
    (found,) = members_of(request, {"mine": checkpoint}, ALL)
    assert found.into is into
    assert found.folders == (adapter, adapter.parent)


def test_a_named_certificate_is_the_candidates(asked: GateRequest, trained: Callable[..., Path]) -> None:
    folder = trained("adapter")
    found = members(dataclasses.replace(asked, certificate=folder), "mine", "theirs")
    assert {name: each.folders for name, each in found.items()} == {"mine": (folder,), "theirs": ()}


def test_a_certificate_is_named_for_endpoints_alone(asked: GateRequest, trained: Callable[..., Path]) -> None:
    folder = trained("adapter")
    own = Checkpoint(label="mine", digest="1", weights=folder)
    with pytest.raises(UsageError, match=r"but mine is no endpoint and brings its own: leave it out"):
        members_of(dataclasses.replace(asked, certificate=folder), {"mine": own}, ALL)


def test_a_folder_without_a_certificate_is_refused_as_one(asked: GateRequest, tmp_path: Path) -> None:
    with pytest.raises(UnknownCheckpoint, match=r"holds no weighbridge-training\.json"):
        members(dataclasses.replace(asked, certificate=tmp_path), "mine")
