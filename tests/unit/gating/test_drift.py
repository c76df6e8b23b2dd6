from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.domain.drift import FarShare, GoldState, InputDrift, Remedy, Schedule, ScoreStep, Shift
from harness.errors import UsageError
from harness.gating.drift import Evidence, recommended, shift_of

_TODAY = date(2026, 11, 28)
_FEW_FAR = FarShare(count=4, inputs=200, interval=(0.01, 0.05))
_MANY_FAR = FarShare(count=90, inputs=200, interval=(0.39, 0.51))
_STEADY = InputDrift(
    live=200,
    repeats=3,
    undrawn=0,
    trained=800,
    alpha=0.05,
    p_value=0.4,
    recognised=0.51,
    recognised_interval=(0.45, 0.57),
    power=0.97,
    far=_FEW_FAR,
    strangest=(),
)
_SHIFTED = replace(_STEADY, p_value=0.001, recognised=0.8, recognised_interval=(0.75, 0.85), power=None)
_WEAK = replace(_STEADY, power=0.5)
_SMALL = replace(_SHIFTED, recognised=0.55, recognised_interval=(0.52, 0.58))
_SCHEDULE = Schedule(owner="Ada", trained_on=_TODAY - timedelta(days=30))
_GOLD = GoldState(digest="a" * 64, size=50, changed_on=_TODAY, far=_FEW_FAR)
_FALL = ScoreStep(series="sums x rag-3: target (candidate)", on=date(2026, 11, 20), before=0.9, after=0.7)


@pytest.mark.parametrize(
    ("inputs", "shift"),
    [
        (_STEADY, Shift.STEADY),
        (_SHIFTED, Shift.SHIFTED),
        (_SMALL, Shift.STEADY),
        (_WEAK, Shift.OPEN),
        (replace(_STEADY, far=_MANY_FAR), Shift.OPEN),
        (replace(_SMALL, far=_MANY_FAR), Shift.OPEN),
        (replace(_SHIFTED, recognised_interval=(0.4, 0.7)), Shift.SHIFTED),
    ],
)
def test_inputs_are_steady_only_where_a_shift_would_have_been_found_or_is_small(
    inputs: InputDrift, shift: Shift
) -> None:
    assert shift_of(inputs) is shift


@pytest.mark.parametrize(
    ("evidence", "remedy", "days", "told"),
    [
        (Evidence(inputs=_STEADY), Remedy.KEEP, 60, "are like those trained on"),
        (Evidence(inputs=_SMALL), Remedy.KEEP, 60, "differ little"),
        (Evidence(inputs=_SHIFTED), Remedy.RETRAIN, 14, "have moved away"),
        (
            Evidence(inputs=_STEADY, steps=(_FALL,)),
            Remedy.RETRAIN,
            14,
            r"fell on 2026-11-20 from 0.900 to 0.700",
        ),
        (Evidence(inputs=_WEAK), Remedy.LOOK_AGAIN, 14, "about 400 live inputs and 1200 training examples"),
        (Evidence(inputs=replace(_WEAK, trained=1200)), Remedy.LOOK_AGAIN, 14, "give about 400 live inputs$"),
        (Evidence(inputs=replace(_STEADY, far=_MANY_FAR)), Remedy.LOOK_AGAIN, 14, "90 of 200"),
    ],
)
def test_a_recommendation_names_what_to_do_who_and_by_when(
    evidence: Evidence, remedy: Remedy, days: int, told: str
) -> None:
    found = recommended(evidence, _SCHEDULE, _TODAY)
    assert (found.remedy, found.owner, found.due) == (remedy, "Ada", _TODAY + timedelta(days=days))
    import re

    assert re.search(told, found.reasons[0])


def test_a_score_that_rose_is_no_reason_to_train() -> None:
    risen = replace(_FALL, before=0.7, after=0.9)
    assert recommended(Evidence(inputs=_STEADY, steps=(risen,)), _SCHEDULE, _TODAY).remedy is Remedy.KEEP


def test_a_score_that_fell_before_the_last_training_has_been_answered() -> None:
    earlier = replace(_FALL, on=_TODAY - timedelta(days=40))
    evidence = Evidence(inputs=_STEADY, steps=(earlier,))
    assert recommended(evidence, _SCHEDULE, _TODAY).remedy is Remedy.KEEP
    unknown = replace(_SCHEDULE, trained_on=None)
    assert recommended(evidence, unknown, _TODAY).remedy is Remedy.RETRAIN


def test_a_training_older_than_the_schedule_is_overdue_and_says_since_when() -> None:
    old = replace(_SCHEDULE, trained_on=_TODAY - timedelta(days=100))
    found = recommended(Evidence(inputs=_STEADY), old, _TODAY)
    assert (found.remedy, found.due) == (Remedy.RETRAIN, _TODAY - timedelta(days=10))
    assert "older than 90 days" in found.reasons[0]


def test_what_nobody_knows_the_training_of_is_due_from_today() -> None:
    found = recommended(Evidence(inputs=_STEADY), replace(_SCHEDULE, trained_on=None), _TODAY)
    assert (found.remedy, found.due) == (Remedy.KEEP, _TODAY + timedelta(days=90))


def test_a_gold_pool_with_holes_or_of_another_content_is_told_besides() -> None:
    holes = replace(_GOLD, digest="b" * 64, size=40, far=_MANY_FAR)
    found = recommended(Evidence(inputs=_STEADY, gold=holes, before=_GOLD), _SCHEDULE, _TODAY)
    assert found.remedy is Remedy.KEEP
    assert ["has holes" in each for each in found.reasons] == [False, True, False]
    assert found.reasons[2].endswith("from 50 to 40 examples")
    same = recommended(Evidence(inputs=_STEADY, gold=_GOLD, before=_GOLD), _SCHEDULE, _TODAY)
    assert len(same.reasons) == 1


@pytest.mark.parametrize("fields", [{"owner": " "}, {"every_days": 0}, {"grace_days": -1}])
def test_a_schedule_without_a_person_or_without_days_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"--owner NAME|use 1 or more"):
        replace(_SCHEDULE, **fields)  # type: ignore[arg-type]


@settings(max_examples=200)
@given(
    st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.one_of(st.none(), st.floats(0.0, 1.0))
)
def test_less_evidence_never_turns_undecided_inputs_into_steady_ones(
    p_value: float, told: float, far: float, power: float | None
) -> None:
    inputs = replace(
        _STEADY,
        p_value=p_value,
        recognised_interval=(0.0, told),
        power=power,
        far=replace(_FEW_FAR, interval=(0.0, far)),
    )
    wider = replace(inputs, power=None if power is None else power / 2, far=_MANY_FAR)
    if shift_of(inputs) is Shift.OPEN:
        assert shift_of(wider) is Shift.OPEN
    assert shift_of(replace(inputs, far=_MANY_FAR)) is not Shift.STEADY
