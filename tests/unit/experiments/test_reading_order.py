from hypothesis import given
from hypothesis import strategies as some

from harness.experiments.reading_order import Readable, reading_order

PLACES = some.tuples(some.sampled_from(("task.sums.a", "task.sums.b")), some.integers(0, 60).map(str))
ITEMS = some.lists(PLACES, unique=True, max_size=80).flatmap(
    lambda places: some.lists(some.booleans(), min_size=len(places), max_size=len(places)).map(
        lambda kinds: [Readable(place=p, differs=k) for p, k in zip(places, kinds, strict=True)]
    )
)


@given(ITEMS, some.integers(0, 9))
def test_every_item_is_read_once_whatever_order_it_came_in(items: list[Readable], seed: int) -> None:
    order = reading_order(items, seed=seed)
    assert sorted(order, key=repr) == sorted(items, key=repr)
    assert reading_order(items[::-1], seed=seed) == order


@given(ITEMS, some.integers(0, 9))
def test_two_that_differ_come_for_one_that_does_not(items: list[Readable], seed: int) -> None:
    order = reading_order(items, seed=seed)
    differing, alike = (sum(each.differs is kind for each in items) for kind in (True, False))
    for n in range(len(order) + 1):
        seen = sum(each.differs for each in order[:n])
        assert seen == min(differing, max(n - n // 3, n - alike))


def test_any_beginning_has_every_arm_in_proportion() -> None:
    items = [
        Readable(place=(pair, str(n)), differs=True)
        for pair, count in (("a", 90), ("b", 30))
        for n in range(count)
    ]
    order = reading_order(items, seed=3)
    for n in range(4, 121, 4):
        assert abs(sum(each.place[0] == "b" for each in order[:n]) - n / 4) <= 1
    assert [each.place for each in order] != [each.place for each in reading_order(items, seed=4)]
