"""A nightly that was checked: which requests it makes of a checkpoint, and what it refuses beforehand."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.domain.run import RunKind
from harness.domain.suite import Suite
from harness.errors import InvalidNightly, TooFewItems, UnknownArm
from harness.experiments.nightly.checked import Nightly, checked
from harness.experiments.request import Purpose, places

Check = Callable[..., Nightly]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks a nightly over the tickets under two arms, with these lines and this policy."""

    def build(
        more: str = "", *, policy: str = "", arms: tuple[str, ...] = ("zero-shot", "fewshot-2")
    ) -> Nightly:
        (tmp_path / "policy.toml").write_text(policy)
        path = tmp_path / "nightly.toml"
        path.write_text(
            f'owner = "Ada"\ndue = 2099-01-31\ncheckpoints = ["a"]\ntasks = ["tickets"]\nrelease = "r"\n'
            f"arms = {json.dumps(arms)}\npolicy = {json.dumps(str(tmp_path / 'policy.toml'))}\n{more}\n"
        )
        return checked(path, places(tmp_path / "results"))

    return build


def test_every_arm_of_every_task_is_a_cell(check: Check) -> None:
    assert [asked.pair for asked in check().asked] == [
        "task.tickets.zero-shot",
        "task.tickets.fewshot-2",
    ]


def test_a_checkpoint_is_scored_alone_anew_and_to_the_end(check: Check) -> None:
    nightly = check(policy="items = 70\nsequential = true\n")
    request = nightly.request("a", nightly.asked)
    assert (request.purpose, request.anew) == (Purpose.SCORE, True)
    assert (request.policy.items, request.policy.sequential) == (70, False)
    assert list(map(str, request.arms)) == ["zero-shot", "fewshot-2"]


def test_a_request_asks_no_suite_arm_or_probe_that_is_not_wanted(check: Check) -> None:
    nightly = check(
        'suites = ["target-metric", "forgetting"]', policy='[forgetting]\nprobes = ["sciq", "piqa"]\n'
    )
    probe = next(asked for asked in nightly.asked if asked.subject == "piqa")
    alone = nightly.request("a", [probe])
    assert probe.kind is RunKind.PROBE
    assert (alone.suites, alone.tasks, alone.arms) == ((Suite.FORGETTING,), (), ())
    assert alone.policy.forgetting.probes == ("piqa",)
    cell = nightly.request("a", nightly.asked[:1])
    assert (cell.suites, list(map(str, cell.arms))) == ((Suite.TARGET_METRIC,), ["zero-shot"])


def test_what_cannot_be_asked_or_passed_is_refused_before_anything_is_looked_up(check: Check) -> None:
    with pytest.raises(UnknownArm):
        check(arms=("rug-3",))
    with pytest.raises(InvalidNightly, match="arms names one arm twice"):
        check(arms=("rag-3", "rag-3 "))
    with pytest.raises(InvalidNightly, match=r"the policy names the anchor 'x'.* write an \[anchor\]"):
        check(policy='anchor = "x"\n')
    with pytest.raises(TooFewItems, match=r"on 20 items cannot pass: .*; write more items or a wider margin"):
        check(policy="items = 20\n")


def test_what_is_only_reported_may_be_small(check: Check) -> None:
    only = '[target_metric]\nrole = "report"\n[schema_validity]\nrole = "report"\n'
    assert check(policy=f"items = 20\n{only}").policy.items == 20
