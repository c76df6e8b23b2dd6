import dataclasses
from collections.abc import Callable

import pytest

from harness.domain.run import RunKind, RunSpec, Side
from harness.domain.task import Probe, Task
from harness.engine.schedule import choice_work, in_blocks, in_rounds, interleave, reply_work
from harness.engine.work import ReplyWork, Work
from harness.errors import InvalidTask

WorkOf = Callable[..., tuple[Work, ...]]


def test_the_work_of_a_run_follows_its_items(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec]
) -> None:
    run = a_run(Side.CANDIDATE, ["i3", "i1"])
    works = reply_work(run, a_task(items=3), timed=False, max_tokens=None)
    assert [(work.item_id, work.item.id) for work in works] == [("i3", "i3"), ("i1", "i1")]


def test_a_repeat_asks_the_same_item_under_an_id_of_its_own(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec]
) -> None:
    run = a_run(Side.CANDIDATE, ["i1", "i1~2", "i1~3"], kind=RunKind.LATENCY)
    works = reply_work(run, a_task(), timed=True, max_tokens=4)
    assert [work.item_id for work in works] == ["i1", "i1~2", "i1~3"]
    assert {work.item.id for work in works} == {"i1"}


def test_an_item_whose_own_id_holds_the_repeat_mark_is_found(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec]
) -> None:
    task = a_task(items=1)
    task = dataclasses.replace(task, items=(dataclasses.replace(task.items[0], id="a~b"),))
    works = reply_work(a_run(Side.CANDIDATE, ["a~b", "a~b~2"]), task, timed=True, max_tokens=4)
    assert [work.item.id for work in works] == ["a~b", "a~b"]


def test_a_run_compiles_its_schema_once(sums_work: WorkOf) -> None:
    validators = {id(work.validator) for work in sums_work(5) if isinstance(work, ReplyWork)}
    assert len(validators) == 1


def test_a_schema_that_is_none_is_refused_before_a_token_is_spent(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec]
) -> None:
    task = dataclasses.replace(a_task(), schema={"type": "nonsense"})
    with pytest.raises(InvalidTask, match=r"correct schema\.json"):
        reply_work(a_run(Side.CANDIDATE, ["i1"]), task, timed=False, max_tokens=None)


def test_the_work_of_a_probe_follows_its_items(
    a_probe: Callable[..., Probe], a_run: Callable[..., RunSpec]
) -> None:
    run = a_run(Side.CANDIDATE, ["p2", "p1"], kind=RunKind.PROBE)
    assert [work.item.id for work in choice_work(run, a_probe())] == ["p2", "p1"]


def turns(works: tuple[Work, ...]) -> str:
    return " ".join(f"{work.run.side[0].upper()}{work.item_id[1:]}" for work in works)


def test_items_come_in_the_order_of_the_plan_and_the_sides_of_each_in_turns(probe_work: WorkOf) -> None:
    both = [probe_work(3, side=side) for side in (Side.BASELINE, Side.CANDIDATE)]
    assert turns(interleave(both)) == "B1 C1 C2 B2 B3 C3"


def test_an_anchor_takes_its_turns_like_the_others(probe_work: WorkOf) -> None:
    assert turns(interleave([probe_work(2, side=side) for side in Side])) == "B1 C1 A1 A2 C2 B2"


def test_what_one_side_lacks_is_asked_of_the_other(probe_work: WorkOf) -> None:
    baseline, candidate = probe_work(3, side=Side.BASELINE), probe_work(3)
    assert turns(interleave([baseline[2:], candidate])) == "B3 C3 C1 C2"
    assert turns(interleave([(), candidate])) == "C1 C2 C3"
    assert interleave([]) == interleave([(), ()]) == ()


def test_pairs_of_runs_take_turns_item_by_item_until_the_longest_is_done(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec], probe_work: WorkOf
) -> None:
    one = interleave([probe_work(3, side=side) for side in (Side.BASELINE, Side.CANDIDATE)])
    run = a_run(Side.CANDIDATE, ["i8", "i9"])
    other = reply_work(run, a_task(items=9), timed=False, max_tokens=None)
    assert turns(in_rounds([one, other])) == "B1 C1 C8 C2 B2 C9 B3 C3"
    assert turns(in_rounds([one])) == turns(one)
    assert in_rounds([]) == in_rounds([(), ()]) == ()


def test_blocks_halve_one_side_around_the_others(probe_work: WorkOf) -> None:
    works = interleave([probe_work(4, side=side) for side in Side])
    sides = [[work.run.side for work in block] for block in in_blocks(works)]
    assert sides == [[Side.BASELINE] * 2, [Side.CANDIDATE] * 4, [Side.ANCHOR] * 4, [Side.BASELINE] * 2]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_one_checkpoint_makes_one_block(probe_work: WorkOf, count: int) -> None:
    works = probe_work(count)
    assert in_blocks(works) == ((works,) if works else ())


@pytest.mark.parametrize(("arm", "constrained"), [("zero-shot", False), ("zero-shot-constrained", True)])
def test_a_constrained_arm_decodes_inside_the_schema(
    arm: str, *, constrained: bool, a_task: Callable[..., Task], a_run: Callable[..., RunSpec]
) -> None:
    run = a_run(Side.CANDIDATE, ["i1", "i2"], arm=arm)
    works = reply_work(run, a_task(items=2), timed=False, max_tokens=None)
    asked = [work.task.decoding.constrained for work in works if isinstance(work, ReplyWork)]
    assert asked == [constrained] * 2
