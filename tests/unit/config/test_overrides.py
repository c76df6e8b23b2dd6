import pytest

from harness.config.overrides import overridden
from harness.domain.policy import OnContamination, OnMismatch, Policy
from harness.errors import UsageError

WRITTEN = Policy(items=90, anchor="./release-1", temperature=0.7, seed=3)


def test_what_is_not_given_stays_as_it_was_written() -> None:
    assert overridden(WRITTEN) == WRITTEN


def test_what_is_given_takes_the_place_of_what_was_written_and_of_nothing_else() -> None:
    given = overridden(WRITTEN, items=1, anchor="./release-2", temperature=0)
    assert given == Policy(items=1, anchor="./release-2", temperature=0.0, seed=3)
    assert isinstance(given.temperature, float)


def test_what_becomes_of_trained_items_and_of_mismatches_can_be_given() -> None:
    given = overridden(WRITTEN, contamination="exclude", allow_mismatch=True)
    assert (given.contamination, given.mismatch) == (OnContamination.EXCLUDE, OnMismatch.REPORT)
    assert isinstance(given.contamination, OnContamination)
    reporting = Policy(mismatch=OnMismatch.REPORT)
    assert overridden(reporting, allow_mismatch=False) == reporting


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"items": 0}, "--items is 0: ask for 1 or more"),
        ({"items": -5}, "--items is -5: ask for 1 or more"),
        ({"anchor": ""}, "--anchor is '', but must be the name of a checkpoint, given as --checkpoint is"),
        ({"contamination": "ignore"}, '--contamination is \'ignore\', but must be "refuse" or "exclude"'),
        ({"temperature": -1.0}, "--temperature is -1.0, but must be a number from 0, which is greedy, to 2"),
        ({"temperature": float("nan")}, "--temperature is nan, but must be a number from 0"),
        ({"temperature": float("inf")}, "--temperature is inf, but must be a number from 0"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(given: dict[str, float], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        overridden(WRITTEN, **given)  # type: ignore[arg-type]
    assert str(refused.value).startswith(sentence)
