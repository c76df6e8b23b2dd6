"""One thing made while the one before it is put away."""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")


def one_ahead(values: Iterable[Value]) -> Generator[Value]:
    """Yield `values` in their order, the next one being made on a thread of its own meanwhile.

    What making one raises is raised in its turn.  At most one is waiting, so three are held.
    """
    making = iter(values)
    with ThreadPoolExecutor(1, thread_name_prefix="one-ahead") as pool:
        coming = pool.submit(_some, making)
        while made := coming.result():
            coming = pool.submit(_some, making)
            yield from made


def _some(making: Iterator[Value]) -> tuple[Value, ...]:
    """The next one as a tuple of one, or an empty one at the end: no value can be mistaken for it."""
    for value in making:
        return (value,)
    return ()
