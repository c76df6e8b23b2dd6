import pytest

from reports.trend.series import series
from tests.unit.reports.trend.conftest import MakePoints


def test_each_side_and_metric_has_a_line_of_its_own_oldest_first(points: MakePoints) -> None:
    lines = series(
        (*reversed(points([0.1, 0.2])), *points([0.3], side="baseline"), *points([0.4], metric="schema"))
    )
    assert [(line.name, line.side, [point.mean for point in line.points]) for line in lines] == [
        ("sums x zero-shot: schema", "candidate", [0.4]),
        ("sums x zero-shot: target", "baseline", [0.3]),
        ("sums x zero-shot: target", "candidate", [0.1, 0.2]),
    ]


def test_other_content_of_a_task_is_another_line(points: MakePoints) -> None:
    lines = series((*points([0.1]), *points([0.2], subject_digest="b" * 64)))
    assert [line.name for line in lines] == [
        "sums (aaaaaaaa) x zero-shot: target",
        "sums (bbbbbbbb) x zero-shot: target",
    ]


def test_a_step_names_the_first_checkpoint_on_the_new_level(points: MakePoints) -> None:
    (line,) = series(points([0.8] * 10 + [0.5] * 10))
    (change,) = line.changes
    assert change.point.checkpoint == "night-10"
    assert (change.before, change.after) == (pytest.approx(0.8), pytest.approx(0.5))


def test_nothing_makes_no_lines() -> None:
    assert series(()) == ()
