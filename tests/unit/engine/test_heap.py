import gc

import pytest

from harness.engine.heap import heap_at_rest


def test_what_is_in_memory_is_out_of_the_collectors_sight_inside_and_back_after() -> None:
    kept = [[number] for number in range(1_000)]
    with heap_at_rest():
        assert gc.get_freeze_count() > len(kept)
        assert all(each is not kept for each in gc.get_objects())
    assert gc.get_freeze_count() == 0
    assert any(each is kept for each in gc.get_objects())


def test_the_heap_is_given_back_when_the_block_breaks_off() -> None:
    with pytest.raises(ZeroDivisionError), heap_at_rest():
        _ = 1 / 0
    assert gc.get_freeze_count() == 0


def test_inside_the_collector_looks_less_often_and_after_as_before() -> None:
    usual = gc.get_threshold()
    with heap_at_rest():
        assert gc.get_threshold()[0] > usual[0]
    assert gc.get_threshold() == usual
