"""What is done beside the steps: progress told, epochs kept, a loss that is no number stopped.

Every step is logged, so every loss is seen.  The watchers know nothing of the trainer but
the fields they read; `as_callback` makes each into what it listens to.
"""

import json
import math
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import TrainingError
from training.certificate import read_shingles, write_certificate
from training.events import EpochEnded, Event, Stepped
from training.job import Job, epoch_folder, kept

ELAPSED = "elapsed_s"
_SAVE_EVERY_S = 120.0
_PICKLE = "training_args.bin"
_SPOKEN = {"loss": "the loss", "grad_norm": "the gradient", "eval_loss": "the validation loss"}


def as_callback(watcher: object) -> Any:  # noqa: ANN401 - untyped
    """Return the trainer's callback that hands every event on to the watcher's method of that name."""
    from transformers import TrainerCallback

    heard = {name: staticmethod(getattr(watcher, name)) for name in dir(watcher) if name.startswith("on_")}
    return type(type(watcher).__name__, (TrainerCallback,), heard)()


class StopAtNan:
    """Stops at the first loss or gradient that is not finite, before anything of it is saved."""

    def __init__(self, out: Path) -> None:
        """Take the folder whose epochs are good."""
        self._out = out

    def on_log(self, args: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ANN401
        """Raise `TrainingError` where a logged loss or gradient norm is not finite."""
        for name, spoken in _SPOKEN.items():
            value = (logs or {}).get(name)
            if value is not None and not math.isfinite(value):
                raise TrainingError(
                    f"{spoken} became {value} at step {state.global_step} (epoch {state.epoch:.2f}, "
                    f"learning_rate {args.learning_rate:g}); {kept(self._out)}: lower learning_rate, "
                    "lengthen warmup_share, or look at the examples of that step"
                )


class Report:
    """Tells of every step: loss, rates and the time that is left."""

    def __init__(
        self,
        tell: Callable[[Event], None],
        *,
        examples_a_step: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take who is told, how many examples a step learns from, and a clock in seconds."""
        self._tell = tell
        self._examples_a_step = examples_a_step
        self._clock = clock
        self._began_s = clock()
        self._before_s = 0.0
        self._first_step = 0
        self._first_tokens = 0.0

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:  # noqa: ANN401
        """Count from here, and from what an earlier part of the run has taken."""
        self._began_s = self._clock()
        self._first_step = state.global_step
        self._before_s = elapsed_s(state.log_history)
        self._first_tokens = max((entry.get("num_tokens", 0.0) for entry in state.log_history), default=0.0)

    def on_log(self, _args: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ANN401
        """Tell of the step, and leave in the history what the run has taken until then."""
        passed_s = self._clock() - self._began_s
        if state.log_history:
            state.log_history[-1][ELAPSED] = self._before_s + passed_s
        steps = state.global_step - self._first_step
        if logs is None or "loss" not in logs or not steps or passed_s <= 0:
            return
        counted = logs.get("num_tokens", 0.0)
        if counted < self._first_tokens:
            self._first_tokens = 0.0  # the trainer counts anew when it resumes
        tokens = counted - self._first_tokens
        self._tell(
            Stepped(
                step=state.global_step,
                steps=state.max_steps,
                epoch=state.epoch,
                loss=logs["loss"],
                examples_per_s=steps * self._examples_a_step / passed_s,
                tokens_per_s=tokens / passed_s,
                left_s=passed_s / steps * (state.max_steps - state.global_step),
            )
        )


class SaveOften:
    """Asks for what resuming needs every two minutes, besides the end of every epoch."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, every_s: float = _SAVE_EVERY_S) -> None:
        """Take a clock in seconds."""
        self._clock = clock
        self._every_s = every_s
        self._saved_s = clock()

    def on_step_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
        """Ask for a save when one is due."""
        if self._clock() - self._saved_s >= self._every_s:
            control.should_save = True

    def on_save(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:  # noqa: ANN401
        """Begin to wait again."""
        self._saved_s = self._clock()


class KeepEpochs:
    """Leaves the adapter of every epoch in a folder of its own, with its certificate, whole or not at all."""

    def __init__(
        self, job: Job, *, save: Callable[[str], None], peak: Callable[[], int], tell: Callable[[Event], None]
    ) -> None:
        """Take a job whose certificate says all that is known by now, how to save, and who is told."""
        self._job = job
        self._shingles = read_shingles(job.run) or frozenset()
        self._save = save
        self._peak = peak
        self._tell = tell

    def on_evaluate(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:  # noqa: ANN401
        """Keep the epoch that has just been looked at."""
        losses = epoch_losses(state.log_history)
        epoch, training, validation = losses[-1]
        folder = epoch_folder(Path(self._job.out), math.ceil(epoch - 1e-6))
        self._publish(folder, state, losses)
        self._tell(
            EpochEnded(epoch=epoch, training_loss=training, validation_loss=validation, folder=str(folder))
        )

    def _publish(
        self,
        folder: Path,
        state: Any,  # noqa: ANN401 - untyped
        losses: tuple[tuple[float, float | None, float | None], ...],
    ) -> None:
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            self._save(str(draft))
            if state.is_world_process_zero:
                certificate = replace(
                    self._job.certificate,
                    losses=losses,
                    epoch=losses[-1][0],
                    elapsed_s=elapsed_s(state.log_history),
                    peak_memory_bytes=self._peak(),
                )
                (draft / _PICKLE).unlink(missing_ok=True)
                _name_base(draft / "adapter_config.json", self._job.base_name)
                write_certificate(draft, certificate, self._shingles)
                draft.chmod(0o755)
                # A run that resumes before an epoch's end makes it again.
                shutil.rmtree(folder, ignore_errors=True)
                draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def epoch_losses(history: Sequence[dict[str, Any]]) -> tuple[tuple[float, float | None, float | None], ...]:
    """Return (epoch, mean training loss in it, validation loss) of every epoch in a trainer's history."""
    losses: list[tuple[float, float | None, float | None]] = []
    began = 0.0
    for entry in history:
        if "eval_loss" not in entry:
            continue
        ended = float(entry["epoch"])
        seen = [each["loss"] for each in history if "loss" in each and began < each["epoch"] <= ended]
        losses.append((ended, sum(seen) / len(seen) if seen else None, float(entry["eval_loss"])))
        began = ended
    return tuple(losses)


def elapsed_s(history: Sequence[dict[str, Any]]) -> float:
    """Return the seconds of training in a trainer's history, those before a resumption included."""
    return max((float(entry.get(ELAPSED, 0.0)) for entry in history), default=0.0)


def _name_base(config: Path, name: str) -> None:
    """Say which base the adapter is for by the name that finds it again, not by a folder of this machine."""
    fields = json.loads(config.read_text(encoding="utf-8"))
    fields["base_model_name_or_path"] = name
    config.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
