"""What one bad answer makes of a checkpoint, and of whom a moved measurement says nothing."""

import itertools

import pytest

from harness.domain.nightly import Against, NightHole, NightPart
from harness.domain.suite import Suite
from harness.domain.verdict import Status
from harness.experiments.nightly.judge import WORST_FIRST, answer_of, not_to_blame, worst
from tests.fakes.nights import a_change, a_reading, a_row

HOLE = NightHole(
    part=NightPart.CHECKPOINT, checkpoint="tonight", subject="sums", arm="rag-3", reason="the server died"
)


def test_a_checkpoint_passes_when_every_answer_that_counts_did() -> None:
    rows = [a_row(changes=(a_change(), a_change(Against.ANCHOR))), a_row(arm="rag-3", changes=(a_change(),))]
    answer = answer_of("tonight", rows, [])
    assert (answer.status, answer.reason) == (Status.PASSED, "all 3 questions passed")


@pytest.mark.parametrize("bad", [Status.REGRESSED, Status.INVALID, Status.INCONCLUSIVE])
def test_one_bad_answer_is_the_answer_and_names_its_question(bad: Status) -> None:
    rows = [a_row(changes=(a_change(), a_change(Against.ANCHOR, status=bad, reason="so it is")))]
    answer = answer_of("tonight", rows, [])
    assert (answer.status, answer.reason) == (
        bad,
        "target-metric on sums x zero-shot against the anchor: so it is",
    )


def test_what_is_only_shown_does_not_count() -> None:
    shown = a_change(Against.LAST_NIGHT, status=Status.REGRESSED, gates=False)
    assert answer_of("tonight", [a_row(changes=(a_change(), shown))], []).status is Status.PASSED
    assert answer_of("tonight", [a_row(changes=(shown,))], []).status is Status.INVALID


def test_a_hole_is_invalid_whatever_passed_beside_it() -> None:
    answer = answer_of("tonight", [a_row(changes=(a_change(),))], [HOLE])
    assert (answer.status, answer.reason) == (
        Status.INVALID,
        "sums x rag-3 was not measured: the server died",
    )


def test_nothing_at_all_never_passes() -> None:
    assert answer_of("tonight", [], []).status is Status.INVALID


def test_the_worst_of_any_answers_is_named_first() -> None:
    for told in itertools.permutations([(status, status.lower()) for status in Status]):
        status, reason = worst(told)
        assert (status, reason) == (WORST_FIRST[0], "regressed")
    assert worst([(Status.INVALID, "one"), (Status.INVALID, "two")])[1] == "one (1 more answer likewise)"


def test_where_the_anchor_moved_nobody_is_blamed_for_that_question_alone() -> None:
    regressed = a_row(changes=(a_change(status=Status.REGRESSED),))
    reading = a_reading(moved=True, then=0.5, now=0.1)
    (spared,) = not_to_blame(regressed, [reading]).changes
    assert spared.status is Status.INVALID
    assert spared.delta == -0.01
    assert spared.reason == (
        "the measurement moved: the anchor scores 0.100 where the same content scored 0.500 on 2026-11-01, "
        "so nothing is said of this checkpoint"
    )
    for other in ({"arm": "rag-3"}, {"suite": Suite.SCHEMA_VALIDITY}, {"subject": "tickets"}):
        row = a_row(changes=(a_change(status=Status.REGRESSED),), **other)
        assert not_to_blame(row, [reading]) == row
    assert not_to_blame(regressed, [a_reading(moved=False)]) == regressed
