"""The heap left alone while a clock runs: a full collection holds an event loop up for tens of ms."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (20_000, 20, 50)
"""New containers before the youngest are looked at; nearly all go by themselves with their result."""


@contextmanager
def heap_at_rest() -> Iterator[None]:
    """Take what is in memory now out of the collector's sight while the block runs.

    What is made inside is collected as ever, only less often, so memory does not grow with a long run.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
