"""What is done beside the steps of a training."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import TrainingError
from training.certificate import read_certificate, read_shingles
from training.events import EpochEnded, Event, Stepped
from training.job import Job, keep_shingles, write_job
from training.watch import KeepEpochs, Report, SaveOften, StopAtNan, epoch_losses

ARGUMENTS = SimpleNamespace(learning_rate=0.5)


def a_state(step: int = 3, **fields: object) -> SimpleNamespace:
    given = {"global_step": step, "max_steps": 10, "epoch": 1.5, "log_history": []}
    return SimpleNamespace(**given | fields, is_world_process_zero=True)


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        ({"loss": math.nan}, "the loss became nan at step 3"),
        ({"loss": 1.0, "grad_norm": math.inf}, "the gradient became inf at step 3"),
        ({"eval_loss": math.nan}, "the validation loss became nan"),
    ],
)
def test_what_is_no_number_stops_the_training_and_names_what_is_kept(
    tmp_path: Path, logs: dict[str, float], said: str
) -> None:
    (tmp_path / "epoch-1").mkdir()
    with pytest.raises(TrainingError, match=said) as raised:
        StopAtNan(tmp_path).on_log(ARGUMENTS, a_state(), None, logs=logs)
    assert "epoch-1 is the last good checkpoint and is kept: lower learning_rate" in str(raised.value)


def test_numbers_are_let_through(tmp_path: Path) -> None:
    StopAtNan(tmp_path).on_log(ARGUMENTS, a_state(), None, logs={"loss": 2.0, "grad_norm": 0.1})
    StopAtNan(tmp_path).on_log(ARGUMENTS, a_state(), None, logs=None)


@pytest.mark.parametrize(
    ("earlier", "counted"), [(1000.0, 3000.0), (9000.0, 2000.0)], ids=["tokens go on", "tokens anew"]
)
def test_progress_has_rates_and_time_left(earlier: float, counted: float) -> None:
    told: list[Event] = []
    clock = iter([0.0, 100.0, 110.0])
    report = Report(told.append, examples_a_step=8, clock=lambda: next(clock))
    before = [{"elapsed_s": 50.0, "num_tokens": earlier}]
    report.on_train_begin(None, a_state(step=2, log_history=before), None)
    history = [*before, {"loss": 1.5, "num_tokens": counted}]
    report.on_log(None, a_state(step=4, log_history=history), None, logs=history[-1])
    assert told == [
        Stepped(step=4, steps=10, epoch=1.5, loss=1.5, examples_per_s=1.6, tokens_per_s=200.0, left_s=30.0)
    ]
    assert history[-1]["elapsed_s"] == 60.0


def test_what_resuming_needs_is_saved_when_it_is_due() -> None:
    clock = iter([0.0, 5.0, 12.0, 12.0, 13.0])
    often = SaveOften(lambda: next(clock), every_s=10.0)
    wanted = []
    for _ in range(2):
        control = SimpleNamespace(should_save=False)
        often.on_step_end(None, None, control)
        wanted.append(control.should_save)
    often.on_save(None, None, None)
    control = SimpleNamespace(should_save=False)
    often.on_step_end(None, None, control)
    assert [*wanted, control.should_save] == [False, True, False]


def test_losses_are_means_of_an_epoch_and_never_of_the_one_before() -> None:
    history = [
        {"epoch": 0.5, "loss": 4.0},
        {"epoch": 1.0, "loss": 2.0},
        {"epoch": 1.0, "eval_loss": 2.5},
        {"epoch": 1.5, "loss": 1.0},
        {"epoch": 1.5, "eval_loss": 2.0},
        {"epoch": 1.5, "train_loss": 9.0},
    ]
    assert epoch_losses(history) == ((1.0, 3.0, 2.5), (1.5, 1.0, 2.0))
    assert epoch_losses([]) == ()


HISTORY = [{"epoch": 1.0, "loss": 2.0, "elapsed_s": 7.0}, {"epoch": 1.0, "eval_loss": 2.5}]


def keeper(job: Job, save: Callable[[str], None], told: list[Event]) -> KeepEpochs:
    write_job(job)
    keep_shingles(job, frozenset({5}))
    return KeepEpochs(job, save=save, peak=lambda: 77, tell=told.append)


def save_adapter(folder: str) -> None:
    Path(folder, "adapter_config.json").write_text('{"base_model_name_or_path": "/home/me/b", "r": 4}')
    Path(folder, "training_args.bin").write_bytes(b"pickle")


def test_an_epoch_is_kept_whole_with_its_certificate(a_job: Callable[..., Job]) -> None:
    told: list[Event] = []
    job = a_job()
    folder = Path(job.out) / "epoch-1"
    write_job(job)
    folder.mkdir()
    (folder / "stale").touch()
    keeper(job, save_adapter, told).on_evaluate(None, a_state(log_history=HISTORY), None)
    certificate = read_certificate(folder)
    assert certificate is not None
    assert (certificate.epoch, certificate.losses) == (1.0, ((1.0, 2.0, 2.5),))
    assert (certificate.elapsed_s, certificate.peak_memory_bytes) == (7.0, 77)
    assert read_shingles(folder) == {5}
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config == {"base_model_name_or_path": "smollm2-135m", "r": 4}
    assert not (folder / "training_args.bin").exists()
    assert not (folder / "stale").exists()
    assert told == [EpochEnded(epoch=1.0, training_loss=2.0, validation_loss=2.5, folder=str(folder))]


def test_an_epoch_that_cannot_be_saved_leaves_nothing(a_job: Callable[..., Job]) -> None:
    job = a_job()

    def full(folder: str) -> None:
        save_adapter(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        keeper(job, full, []).on_evaluate(None, a_state(log_history=HISTORY), None)
    assert sorted(path.name for path in Path(job.out).iterdir()) == ["run"]
