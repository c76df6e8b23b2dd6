"""The parent's side of a training process, with a small program in its place."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from harness import InvalidRecipe, TrainingError
from training import launch as launching
from training.events import Event, Finished, Refused, Said, encode
from training.job import Job, write_job
from training.launch import command, launch

DONE = Finished(elapsed_s=1.0, peak_memory_bytes=2, estimated_memory_bytes=3, stopped_early=False)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, a_job: Callable[..., Job]) -> Callable[[str], list[Event]]:
    """Runs a program as if it were the training process, and gives back what was heard of it."""

    def run(program: str) -> list[Event]:
        job = a_job()
        path = write_job(job)
        heard: list[Event] = []
        monkeypatch.setattr(launching, "gpus", lambda: 0)
        monkeypatch.setattr(launching, "command", lambda _path, **_: [sys.executable, "-c", program])
        heard.append(launch(job, path, heard.append) or Said("nothing finished"))
        return heard

    return run


def printing(*events: Event) -> str:
    lines = b"noise\n" + b"".join(map(encode, events))
    return f"import sys; sys.stdout.buffer.write({lines!r}); sys.stdout.flush()\n"


def test_events_are_heard_in_their_order_and_other_words_passed_over(
    running: Callable[[str], list[Event]],
) -> None:
    assert running(printing(Said("a"), Said("b"), DONE)) == [Said("a"), Said("b"), DONE, DONE]


def test_an_estimate_finishes_nothing(running: Callable[[str], list[Event]]) -> None:
    assert running(printing(Said("a"))) == [Said("a"), Said("nothing finished")]


def test_a_refusal_keeps_its_kind_and_its_sentence(running: Callable[[str], list[Event]]) -> None:
    refused = Refused(error="InvalidRecipe", sentence="too much: take less")
    with pytest.raises(InvalidRecipe, match="too much: take less"):
        running(printing(refused) + "sys.exit(2)")


def test_a_death_is_told_with_the_last_words_and_the_log(running: Callable[[str], list[Event]]) -> None:
    with pytest.raises(
        TrainingError, match=r"ended \(ValueError: ouch\).*training\.log, and the same command"
    ):
        running("raise ValueError('ouch')")


def test_a_kill_is_told_as_want_of_memory(running: Callable[[str], list[Event]]) -> None:
    with pytest.raises(TrainingError, match="was killed, most likely for want of memory"):
        running("import os; os.kill(os.getpid(), 9)")


def test_a_folder_is_trained_into_by_one_process(a_job: Callable[..., Job]) -> None:
    job = a_job()
    path = write_job(job)
    with (
        FileLock(job.run / "lock"),
        pytest.raises(TrainingError, match="another process is training into"),
    ):
        launch(job, path, print)


def test_a_training_process_ends_when_its_parent_does(tmp_path: Path) -> None:
    """As `training.run` does: it waits on its standard input, of which the parent holds the other end."""
    program = (
        "import threading, time, os\n"
        "from training.run import _end_with_parent\n"
        "threading.Thread(target=_end_with_parent, daemon=True).start()\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    with launching._running(  # noqa: SLF001 - it has no other entry
        [sys.executable, "-c", program], tmp_path / "log"
    ) as process:
        while not (tmp_path / "pid").exists() and process.poll() is None:
            time.sleep(0.01)
    assert process.returncode == 2
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_several_gpus_are_spread_over_by_accelerate_and_one_is_not() -> None:
    one, four = command(Path("job.json"), devices=1), command(Path("job.json"), devices=4)
    assert one[-3:] == ["-m", "training.run", "job.json"]
    assert command(Path("job.json"), devices=0) == one
    assert four[four.index("accelerate.commands.launch") + 1] == "--config_file"
    assert four[-5:] == ["--num_processes", "4", "-m", "training.run", "job.json"]
