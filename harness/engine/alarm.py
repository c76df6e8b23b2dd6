"""Wakes at an instant, as exactly as the system can.

Event loops sleep in whole milliseconds: uvloop's timers come up to 1 ms late, which would
pass for a slow client at a thousand requests a second.  Linux has timers that are files
(timerfd_create(2)) and come within some 50 us; Python wraps them from 3.13 on, so they are
called here through ctypes.  Elsewhere the loop's own timers have to do.
"""

import asyncio
import ctypes
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeAlias

Until: TypeAlias = Callable[[float], Awaitable[None]]
"""Returns at a monotonic instant in seconds, at once when it has passed."""


class Alarm(Protocol):
    """Calls back once at an instant; set anew it forgets the former one."""

    def set(self, at_s: float, callback: Callable[[], None]) -> None:
        """Call `callback` at `at_s` in monotonic seconds, as soon as can be when it has passed."""
        ...

    def close(self) -> None:
        """Call nobody any more; closing twice is harmless."""
        ...


@contextmanager
def alarm(clock: Callable[[], float]) -> Iterator[Alarm]:
    """Yield the best alarm for instants of `clock` that the running loop can have."""
    loop = asyncio.get_running_loop()
    libc = _libc() if clock in _SAME_AS_KERNEL and _counts_alike() else None
    made = LoopAlarm(loop, clock) if libc is None else FileAlarm(loop, libc)
    try:
        yield made
    finally:
        made.close()


def until(ringing: Alarm, clock: Callable[[], float], *, awake_s: float = 0.0) -> Until:
    """Return what waits on `ringing` for instants of `clock`; one at a time may.

    The last `awake_s` seconds are waited turn by turn of the event loop: a core that sleeps
    takes some 50 us to wake up, and sockets are read in every turn meanwhile.
    """

    async def wait(at_s: float) -> None:
        rung = asyncio.get_running_loop().create_future()
        ringing.set(at_s - awake_s, lambda: None if rung.done() else rung.set_result(None))
        await rung
        while awake_s and clock() < at_s:  # noqa: ASYNC110 - nothing sets an event at an instant
            await asyncio.sleep(0)

    return wait


class LoopAlarm:
    """An alarm of the event loop's own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float]) -> None:
        """Take the loop and the clock that instants are of."""
        self._loop = loop
        self._clock = clock
        self._handle: asyncio.TimerHandle | None = None

    def set(self, at_s: float, callback: Callable[[], None]) -> None:
        """Call `callback` at `at_s`."""
        self.close()
        self._handle = self._loop.call_later(max(0.0, at_s - self._clock()), callback)

    def close(self) -> None:
        """Call nobody any more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class FileAlarm:
    """An alarm that is a file descriptor of Linux, read by the event loop when it rings."""

    def __init__(self, loop: asyncio.AbstractEventLoop, libc: ctypes.CDLL) -> None:
        """Take the loop and the C library; raise `OSError` when the system has no more timers."""
        self._loop = loop
        self._libc = libc
        self._callback: Callable[[], None] | None = None
        self._file = libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._file < 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), "timerfd")
        loop.add_reader(self._file, self._ring)

    def set(self, at_s: float, callback: Callable[[], None]) -> None:
        """Call `callback` at `at_s`."""
        self._callback = callback
        # An instant of 0 would switch the timer off.
        whole, part = divmod(max(1, round(at_s * 1e9)), 1_000_000_000)
        at = _Timer(0, 0, whole, part)
        self._libc.timerfd_settime(self._file, _ABSOLUTE, ctypes.byref(at), None)

    def close(self) -> None:
        """Call nobody any more and give the file back."""
        if self._file >= 0:
            self._loop.remove_reader(self._file)
            os.close(self._file)
            self._file = -1

    def _ring(self) -> None:
        try:
            os.read(self._file, 8)
        except BlockingIOError:  # set anew since it rang
            return
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class _Timer(ctypes.Structure):
    """struct itimerspec: the interval, then the instant, each in seconds and nanoseconds."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("at_s", ctypes.c_long),
        ("at_ns", ctypes.c_long),
    )


_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1
_SAME_AS_KERNEL = (time.perf_counter, time.monotonic)


def _counts_alike() -> bool:
    """Whether Python's clocks are the one that the kernel's timer is set by."""
    names = {time.get_clock_info(name).implementation for name in ("perf_counter", "monotonic")}
    return names == {"clock_gettime(CLOCK_MONOTONIC)"}


def _libc() -> ctypes.CDLL | None:
    """The C library, where it knows such timers."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "timerfd_create") else None
