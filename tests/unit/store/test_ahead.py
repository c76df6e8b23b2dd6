from collections.abc import Iterator
from threading import Event, current_thread, main_thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.store.ahead import one_ahead

WAIT_S = 10.0


@given(st.lists(st.one_of(st.none(), st.integers(), st.just(()))))
def test_values_come_as_they_are_and_in_their_order(values: list[object]) -> None:
    assert list(one_ahead(values)) == values


def test_the_next_one_is_made_while_this_one_is_put_away() -> None:
    is_second_made = Event()

    def making() -> Iterator[int]:
        assert current_thread() is not main_thread()
        yield 1
        is_second_made.set()
        yield 2

    coming = one_ahead(making())
    assert next(coming) == 1
    assert is_second_made.wait(WAIT_S)
    assert list(coming) == [2]


def test_no_more_than_one_waits() -> None:
    made = list[int]()

    def making() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    coming = one_ahead(making())
    for number in range(5):
        assert next(coming) == number
        assert len(made) <= number + 2
    coming.close()
    assert len(made) <= 6


def test_what_goes_wrong_is_raised_after_what_was_made_before_it() -> None:
    def making() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    coming = one_ahead(making())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="the second"):
        next(coming)
