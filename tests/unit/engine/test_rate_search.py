import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.engine.rate_search import RateSearch
from harness.errors import UsageError


def searched(search: RateSearch, capacity: float) -> tuple[RateSearch, list[float]]:
    """Search a server that carries all rates up to its capacity."""
    tried = []
    while (rate := search.next_rate) is not None:
        tried.append(rate)
        search = search.told(rate, went_well=rate <= capacity)
    return search, tried


@settings(max_examples=100)
@given(st.floats(0.05, 5_000.0), st.floats(0.01, 10_000.0), st.sampled_from([0.01, 0.1, 0.5]))
def test_the_capacity_lies_between_what_went_well_and_what_did_not(
    capacity: float, first: float, precision: float
) -> None:
    search, tried = searched(RateSearch(first=first, precision=precision), capacity)
    assert search.good is not None
    assert search.bad is not None
    assert search.good <= capacity < search.bad <= search.good * (1 + precision) * (1 + 1e-9)
    assert len(set(tried)) == len(tried) <= abs(math.log2(capacity / first)) + 10


def test_a_search_doubles_then_bisects() -> None:
    _, tried = searched(RateSearch(first=1.0, precision=0.3), 5.0)
    assert tried == pytest.approx([1, 2, 4, 8, 32**0.5, (4 * 32**0.5) ** 0.5])


def test_a_server_that_carries_nothing_is_given_up_at_the_floor() -> None:
    search, tried = searched(RateSearch(first=1.0, floor=0.1), 0.0)
    assert search.good is None
    assert tried == [1.0, 0.5, 0.25, 0.125]


def test_a_server_that_carries_everything_is_given_up_at_the_ceiling() -> None:
    search, tried = searched(RateSearch(first=1.0, ceiling=10.0), math.inf)
    assert (search.good, search.bad) == (8.0, None)
    assert tried == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("first", [0.0, -1.0, 1e9, math.nan])
def test_a_search_that_cannot_begin_is_refused(first: float) -> None:
    with pytest.raises(UsageError, match="give a rate from"):
        RateSearch(first=first)
