"""The checklist: only yes to everything proceeds, and what is missing is never a yes."""

import dataclasses
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.preflight.check import Answer
from training.preflight.checklist import Advice, Checklist, checklist
from training.preflight.facts import Facts, LabelChange, RecordedRun

Change = Callable[[Facts], Facts]


def _intent(**change: object) -> Change:
    return lambda facts: dataclasses.replace(facts, intent=dataclasses.replace(facts.intent, **change))


def _data(**change: object) -> Change:
    def apply(facts: Facts) -> Facts:
        assert facts.data is not None
        return dataclasses.replace(facts, data=dataclasses.replace(facts.data, **change))

    return apply


def _facts(**change: object) -> Change:
    return lambda facts: dataclasses.replace(facts, **change)


def _audit(**change: object) -> Change:
    def apply(facts: Facts) -> Facts:
        assert facts.audit is not None
        return dataclasses.replace(facts, audit=dataclasses.replace(facts.audit, **change))

    return apply


def _review(**change: object) -> Change:
    def apply(facts: Facts) -> Facts:
        assert facts.review is not None
        return dataclasses.replace(facts, review=dataclasses.replace(facts.review, **change))

    return apply


def _each_run(**change: object) -> Change:
    return lambda facts: dataclasses.replace(
        facts, runs=tuple(dataclasses.replace(run, **change) for run in facts.runs)
    )


def _without_arm(kind: str) -> Change:
    return lambda facts: dataclasses.replace(
        facts, runs=tuple(run for run in facts.runs if run.arm.kind.value != kind)
    )


MISSING: dict[str, Change] = {
    "no motivation": _intent(motivation=None),
    "no owner": _intent(owner=""),
    "an owner of spaces": _intent(owner="  "),
    "no target": _intent(target=None),
    "no data": _facts(data=None),
    "overlap unknown": _data(overlapping=None),
    "items unknown": _facts(evaluation_items=None),
    "no items": _facts(evaluation_items=0),
    "no runs": _facts(runs=()),
    "no stronger model named": _facts(stronger=None),
    "a stronger model without a name": _facts(stronger=""),
    "no stronger run": _facts(stronger_runs=()),
    "no audit": _facts(audit=None),
    "audit of unknown data": _audit(data_digest=None),
    "audit that says nothing": _audit(findings=None),
    "an audit that nobody read": _audit(read_by=" "),
    "no review": _facts(review=None),
    "review of unknown data": _review(data_digest=None),
    "review of unknown size": _review(read=None),
    "review of nothing": _review(read=0),
    "review without a share": _review(accepted_share=None),
    "labels unknown": _facts(labels=None),
    "runs of no items": _each_run(items=0, answered=0),
    "runs that nobody answered": _each_run(answered=0),
}
# What takes away something that others of these change.
_WHOLE = {"no data", "no audit", "no review", "no runs"}

SHORT: dict[str, tuple[Change, str]] = {
    "49 items": (_facts(evaluation_items=49), "evaluation set"),
    "no zero-shot": (_without_arm("zero-shot"), "prompted baseline"),
    "no few-shot": (_without_arm("fewshot"), "few-shot"),
    "no rag": (_without_arm("rag"), "retrieved examples"),
    "49 items asked": (_each_run(items=49, answered=49), "prompted baseline"),
    "a tenth unanswered": (_each_run(items=100, answered=90), "prompted baseline"),
    "one decoding setting": (_each_run(temperature=0.7), "decoding sweep"),
    "a target 14 points up": (_intent(target=0.64), "target"),
    "labels of yesterday": (
        _facts(labels=LabelChange(on=date(2026, 11, 24), told_by="git")),
        "stable labels",
    ),
    "labels of tomorrow": (
        _facts(labels=LabelChange(on=date(2026, 11, 26), told_by="git")),
        "stable labels",
    ),
    "an audit of other data": (_audit(data_digest="e" * 64), "audited data"),
    "an audit that forbids": (_audit(forbidding=1), "audited data"),
    "a review of other data": (_review(data_digest="e" * 64), "data that was read"),
    "49 read": (_review(read=49), "data that was read"),
    "94 % accepted": (_review(accepted_share=0.94), "data that was read"),
    "an item trained on": (_data(overlapping=("i1",)), "held-out items"),
}


def _answers(found: Checklist) -> dict[str, Answer]:
    return {check.name: check.answer for check in found.checks}


def test_yes_to_everything_proceeds(ready: Facts) -> None:
    found = checklist(ready)
    assert {check.answer for check in found.checks} == {Answer.YES}
    assert len(found.checks) == 13
    assert (found.advice, found.open, found.remarks) == (Advice.PROCEED, (), ())


@pytest.mark.parametrize("change", MISSING.values(), ids=MISSING)
def test_what_is_missing_never_counts_as_yes(ready: Facts, change: Change) -> None:
    found = checklist(change(ready))
    assert found.advice is Advice.DO_NOT_TRAIN
    assert found.open
    assert all(check.to_do for check in found.open)


@given(
    names=st.lists(st.sampled_from(sorted(set(MISSING) - _WHOLE)), unique=True),
    gone=st.sets(st.sampled_from(sorted(_WHOLE))),
)
def test_nor_do_any_of_them_together(ready: Facts, names: list[str], gone: set[str]) -> None:
    facts = ready
    for name in (*names, *sorted(gone)):
        facts = MISSING[name](facts)
    alone = [_open(checklist(MISSING[name](ready))) for name in (*names, *gone)]
    found = checklist(facts)
    assert _open(found) >= set().union(*alone)
    assert (found.advice is Advice.PROCEED) == (not names and not gone)


@pytest.mark.parametrize(("change", "name"), SHORT.values(), ids=SHORT)
def test_what_falls_short_is_the_question_that_says_no(ready: Facts, change: Change, name: str) -> None:
    found = checklist(change(ready))
    assert _answers(found)[name] is Answer.NO
    assert found.advice is Advice.DO_NOT_TRAIN


def test_nothing_at_all_is_known_of_nothing(ready: Facts) -> None:
    bare = Facts(
        base="small",
        task="sums",
        task_folder="tasks/sums",
        results="results",
        today=ready.today,
        intent=dataclasses.replace(ready.intent, motivation=None, owner="", target=None),
    )
    assert Answer.YES not in _answers(checklist(bare)).values()
    assert Checklist(checks=(), remarks=()).advice is Advice.DO_NOT_TRAIN


def test_a_model_no_better_than_the_base_is_not_stronger(
    ready: Facts, a_recorded: Callable[..., RecordedRun]
) -> None:
    equal = a_recorded("zero-shot", 0.5, checkpoint="large", checkpoint_digest="b" * 64)
    itself = a_recorded("zero-shot", 0.9, checkpoint="small")
    for run in (equal, itself):
        found = checklist(dataclasses.replace(ready, stronger_runs=(run,)))
        assert _answers(found)["stronger model"] is Answer.NO


def test_fifteen_points_are_enough_and_counted_from_the_best_arm(ready: Facts) -> None:
    found = checklist(_intent(target=0.65)(ready))
    told = next(check for check in found.checks if check.name == "target")
    assert told.answer is Answer.YES
    assert told.reason == (
        "0.65 is +15 points; the best prompt-only run is 0.500 ± 0.050 under rag-3 on 60 items "
        "(gate gate-rag-3) (point estimate counts)"
    )


def test_where_prompting_leaves_no_room_no_target_is_asked_for(ready: Facts) -> None:
    found = checklist(_each_run(mean=0.9)(ready))
    told = next(check for check in found.checks if check.name == "target")
    assert (told.answer, told.to_do) == (Answer.NO, "Ship the prompt; training has no room")


def test_each_open_question_tells_the_command_that_answers_it(ready: Facts) -> None:
    facts = dataclasses.replace(ready, runs=(), audit=None, review=None, results="out dir", task="./my task")
    commands = {check.name: check.command for check in checklist(facts).open}
    assert commands["few-shot"] == (
        "weighbridge eval --checkpoint small --arms fewshot-3 --tasks './my task' --results 'out dir'"
    )
    assert commands["decoding sweep"].endswith("--temperature 0.7")
    assert commands["audited data"] == (
        "weighbridge data audit train.jsonl --task './my task' --base small --read-by Ada --out audit.json"
    )
    assert commands["data that was read"] == (
        "weighbridge data review train.jsonl --task './my task' --reviewer Ada --out review.json"
    )


def test_a_sweep_asks_for_a_setting_that_was_not_tried(ready: Facts) -> None:
    commands = {check.name: check.command for check in checklist(_each_run(temperature=0.7)(ready)).open}
    assert commands["decoding sweep"] == (
        "weighbridge eval --checkpoint small --arms rag-3 --tasks sums --temperature 0.3"
    )


@pytest.mark.parametrize(("examples", "remarks"), [(199, 1), (200, 0)])
def test_fewer_than_200_examples_are_remarked_on(ready: Facts, examples: int, remarks: int) -> None:
    found = checklist(_data(examples=examples)(ready))
    assert len(found.remarks) == remarks
    assert found.advice is Advice.PROCEED


def test_a_review_of_a_small_set_must_have_read_all_of_it(ready: Facts) -> None:
    small = _data(examples=20)(ready)
    assert checklist(_review(read=20)(small)).advice is Advice.PROCEED
    assert checklist(_review(read=19)(small)).advice is Advice.DO_NOT_TRAIN


def _open(found: Checklist) -> set[str]:
    return {check.name for check in found.open}
