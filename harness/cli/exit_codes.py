"""Exit codes, mapped in this one place."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import typer

from harness.domain.decision import Ruling
from harness.domain.drift import Remedy
from harness.domain.experiment import Coverage
from harness.domain.verdict import Status
from harness.errors import WeighbridgeError
from reports.plain_text import harmless

EXIT_CODES = {Status.PASSED: 0, Status.REGRESSED: 1, Status.INVALID: 2, Status.INCONCLUSIVE: 3}
RULING_CODES = {Ruling.TRAIN: 0, Ruling.DO_NOT_TRAIN: 1, Ruling.INVALID: 2, Ruling.INCONCLUSIVE: 3}
"""Has fine-tuning earned its place?  Yes is 0 and no is 1, as for pre-flight."""

REMEDY_CODES = {Remedy.KEEP: 0, Remedy.RETRAIN: 1, Remedy.LOOK_AGAIN: 3}
"""Does a checkpoint do as it is?"""

COULD_NOT_MEASURE = 2
COVERAGE_CODES = {Coverage.WHOLE: 0, Coverage.NOTHING: COULD_NOT_MEASURE, Coverage.HOLES: 3}
"""Were all cells of an experiment measured?"""


RESUMES = "stopped; what was done is kept, and the same command goes on from there"
_ANEW = "stopped; nothing was left half-written, and the same command begins anew"


@contextmanager
def sentences(*, stopped: str = _ANEW) -> Iterator[None]:
    """Turn what the user can mend, and interruptions, into one sentence and exit code 2.

    `stopped` says what an interruption leaves behind.  SIGTERM is taken like Ctrl-C, so that
    servers are stopped on the way out.
    """
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except WeighbridgeError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        _refuse(stopped)
    except OSError as error:
        _refuse(f"{error.strerror or error} ({error.filename or 'no file named'}): mend that and run again")
    finally:
        signal.signal(signal.SIGTERM, previous)


def _refuse(sentence: str) -> NoReturn:
    # It may quote what stood in a file or came from a server.
    shown = harmless(sentence.replace("\n", " "))
    sys.stderr.write(f"weighbridge: {shown}\n")
    raise typer.Exit(COULD_NOT_MEASURE)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Take the way of Ctrl-C, which a running event loop knows how to end on."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)
