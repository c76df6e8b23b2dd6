"""What is stale is asked in as few gates as ask nothing else."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from harness.domain.nightly import Asked
from harness.domain.run import RunKind
from harness.experiments.nightly.ask import blocks

TASKS, ARMS = ("sums", "tickets", "routing"), ("zero-shot", "rag-3", "rag-5")
PROBE = Asked(kind=RunKind.PROBE, subject="piqa", arm="zero-shot")


def cell(task: str, arm: str) -> Asked:
    return Asked(kind=RunKind.TASK, subject=task, arm=arm, task=f"./{task}")


EVERY = [cell(task, arm) for task, arm in product(TASKS, ARMS)]


def test_all_of_a_checkpoint_is_one_gate_probes_included() -> None:
    assert [set(block) for block in blocks([*EVERY, PROBE])] == [{*EVERY, PROBE}]


def test_probes_alone_are_a_gate_and_nothing_is_none() -> None:
    assert list(blocks([PROBE])) == [[PROBE]]
    assert list(blocks([])) == []


@given(st.sets(st.sampled_from([*EVERY, PROBE])))
def test_every_cell_is_asked_once_and_no_gate_asks_a_cell_that_is_not_stale(wanted: set[Asked]) -> None:
    found = list(blocks(sorted(wanted, key=lambda asked: asked.pair)))
    assert sorted(asked.pair for block in found for asked in block) == sorted(each.pair for each in wanted)
    for block in found:
        of_tasks = [asked for asked in block if asked.kind is RunKind.TASK]
        tasks, arms = ({each.task for each in of_tasks}, {each.arm for each in of_tasks})
        assert len(of_tasks) == len(tasks) * len(arms)
