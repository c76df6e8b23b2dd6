"""Which examples a person reads."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from harness import Message, Role
from training.data.sample import sampled, shared_places
from training.example import Example


def example(name: str, source: str = "") -> Example:
    turns = (Message(role=Role.USER, content=f"q {name}"), Message(role=Role.ASSISTANT, content="a"))
    return Example(id=name, messages=turns, source=source)


def test_the_same_seed_draws_the_same_examples_whatever_their_order_in_the_file() -> None:
    whole = [example(f"e{number}", f"s{number % 4}") for number in range(200)]
    assert sampled(whole, 50, seed=1) == sampled(whole[::-1], 50, seed=1)
    assert sampled(whole, 50, seed=1) != sampled(whole, 50, seed=2)


def test_every_source_is_read_by_its_size_and_a_small_one_at_least_once() -> None:
    whole = [example(f"e{number}", "rare" if number == 7 else f"s{number % 2}") for number in range(400)]
    read = Counter(each.source for each in sampled(whole, 50, seed=0))
    assert read["rare"] == 1
    assert {read["s0"], read["s1"]} <= {24, 25}


def test_a_smaller_data_set_is_read_whole() -> None:
    whole = [example(f"e{number}") for number in range(9)]
    assert sorted(each.id for each in sampled(whole, 50, seed=0)) == sorted(each.id for each in whole)


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 120))
def test_all_places_are_given_and_none_beyond_a_size(sizes: dict[str, int], count: int) -> None:
    places = shared_places(sizes, count)
    assert sum(places.values()) == min(count, sum(sizes.values()))
    assert all(0 <= places[name] <= size for name, size in sizes.items())
    if count >= len(sizes):
        assert all(places.values())
