"""Trains a prepared job, from its beginning or from where a killed run stopped."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from harness import Precision, TrainingError
from training.base_model import load_base_model
from training.dpo import dpo_trainer
from training.events import Event, Finished, Said
from training.job import Job, kept
from training.peak import peak_memory_bytes
from training.prepare import Prepared
from training.row_tokens import require_template
from training.sft import sft_trainer
from training.watch import KeepEpochs, Report, SaveOften, StopAtNan, as_callback, elapsed_s

_STATE_FILES = ("trainer_state.json", "adapter_model.safetensors", "optimizer.pt", "scheduler.pt")


def fit(ready: Prepared, tell: Callable[[Event], None]) -> None:
    """Train, and leave an adapter an epoch and the marker of a finished run.

    Raises `TrainingError` when the loss stops being a number or the disk is full; epochs that
    were finished before are kept.
    """
    job = ready.job
    tell(Said("loading the base"))
    trainer = trainer_of(ready)
    state = resumable(job.state)
    if state is not None:
        tell(Said(f"resuming from step {state.name.rpartition('-')[2]}"))
    _watch(trainer, ready, tell)
    tell(Said("training"))
    with _sentences(job):
        trainer.train(resume_from_checkpoint=None if state is None else str(state))
    _finish(trainer, ready, tell)


def resumable(states: Path) -> Path | None:
    """Return the newest state that was written to its end, None where there is none.

    The trainer writes `trainer_state.json` last: a state without it was cut off.
    """
    found = [path for path in states.glob("checkpoint-*") if path.name[11:].isdecimal()]
    for path in sorted(found, key=lambda each: int(each.name[11:]), reverse=True):
        if all((path / name).is_file() for name in _STATE_FILES) and _is_json(path / _STATE_FILES[0]):
            return path
    return None


def trainer_of(ready: Prepared) -> Any:  # noqa: ANN401 - untyped
    """Return TRL's trainer of a prepared job, with the base loaded and nothing trained yet."""
    recipe = ready.job.recipe
    if recipe.backend == "unsloth":
        from training.unsloth_model import load_unsloth

        model = load_unsloth(Path(ready.job.base), recipe)
    else:
        model = load_base_model(Path(ready.job.base), recipe, precision=ready.job.precision)
    make = dpo_trainer if recipe.method == "dpo" else sft_trainer
    rows = (ready.training, ready.validation)
    trainer = make(ready.job, model, ready.tokenizer, rows, on_gpu=ready.on_gpu)
    if ready.job.precision is Precision.FLOAT32:
        _compute_in_float32(trainer.model)
    return trainer


def _compute_in_float32(model: Any) -> None:  # noqa: ANN401 - untyped
    """Undo TRL's rounding of the adapter to bfloat16, which this processor would emulate, slowly."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def _watch(trainer: Any, ready: Prepared, tell: Callable[[Event], None]) -> None:  # noqa: ANN401 - untyped
    from transformers import EarlyStoppingCallback, PrinterCallback

    job, recipe = ready.job, ready.job.recipe
    trainer.remove_callback(PrinterCallback)
    a_step = recipe.batch_examples * recipe.accumulate_batches * trainer.args.world_size
    template = require_template(ready.tokenizer)
    certified = replace(
        job.certificate,
        examples=len(ready.training),
        template_digest=sha256(template.encode()).hexdigest(),
        estimated_memory_bytes=ready.estimate.memory_bytes,
    )
    watchers = (
        StopAtNan(Path(job.out)),
        Report(tell, examples_a_step=a_step),
        SaveOften(),
        KeepEpochs(
            replace(job, certificate=certified),
            save=trainer.save_model,
            peak=partial(peak_memory_bytes, on_gpu=ready.on_gpu),
            tell=tell,
        ),
    )
    for watcher in watchers:
        trainer.add_callback(as_callback(watcher))
    if recipe.stop_after_worse_epochs is not None:
        trainer.add_callback(EarlyStoppingCallback(recipe.stop_after_worse_epochs))


def _finish(trainer: Any, ready: Prepared, tell: Callable[[Event], None]) -> None:  # noqa: ANN401 - untyped
    state = trainer.state
    done = Finished(
        elapsed_s=elapsed_s(state.log_history),
        peak_memory_bytes=peak_memory_bytes(on_gpu=ready.on_gpu),
        estimated_memory_bytes=ready.estimate.memory_bytes,
        stopped_early=state.global_step < state.max_steps,
    )
    if state.is_world_process_zero:
        draft = ready.job.finished.with_name(".finished.json.draft")
        fields = {name: getattr(done, name) for name in done.__struct_fields__}
        draft.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
        draft.replace(ready.job.finished)
    tell(done)


@contextmanager
def _sentences(job: Job) -> Iterator[None]:
    """Turn what a machine can run out of while training into a sentence."""
    try:
        yield
    except MemoryError as error:
        raise _out_of_memory(job) from error
    except Exception as error:
        said = str(error)
        if "No space left" in said or "PytorchStreamWriter" in said or "File too large" in said:
            raise TrainingError(
                f"the disk at {job.out} has no room for a checkpoint ({said.splitlines()[0]}); "
                f"{kept(Path(job.out))}: make room, and the same command goes on from there"
            ) from error
        if "out of memory" in said.lower() or "can't allocate memory" in said:
            raise _out_of_memory(job) from error
        raise


def _out_of_memory(job: Job) -> TrainingError:
    return TrainingError(
        f"training ran out of memory; {kept(Path(job.out))}: halve batch_examples and double "
        "accumulate_batches, or write gradient_checkpointing = true"
    )


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return True
