"""The training process: `python -m training.run JOB`, started by `training.launch`.

It tells its parent in lines of JSON what it does, ends when its parent does, and leaves
nothing half-written.  Torch lives and dies here.
"""

import os
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

from harness import WeighbridgeError
from training.events import Event, Refused, Said, encode
from training.job import Job, read_job

Tell = Callable[[Event], None]

_REFUSED = 2


def main(path: Path) -> int:
    """Train the job at `path`; return an exit status: 0 when it is finished, 2 when it is refused."""
    tell = _channel()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        tell(Said("loading libraries"))
        _train(read_job(path), tell)
    except WeighbridgeError as error:
        tell(Refused(error=type(error).__name__, sentence=str(error)))
        return _REFUSED
    return 0


def _train(job: Job, tell: Tell) -> None:
    from training.arguments import quiet_libraries
    from training.prepare import prepare

    quiet_libraries()
    ready = prepare(job, tell)
    if job.estimate_only:
        return
    from training.fit import fit

    fit(ready, tell)


def _channel() -> Tell:
    """Keep standard output for events, and send what libraries print to the log."""
    if os.environ.get("RANK", "0") != "0":
        return lambda _event: None
    own = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    lock = threading.Lock()

    def tell(event: Event) -> None:
        with lock:
            own.write(encode(event))

    return tell


def _end_with_parent() -> None:
    """End at once when the parent does, whose end of the pipe is then closed: nobody would stop it else."""
    while os.read(0, 1):
        pass
    os._exit(_REFUSED)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main(Path(sys.argv[1])))
