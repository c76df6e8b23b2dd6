"""What `weighbridge train` prints: estimates and epochs as they come, and at the end where things lie."""

import sys
from collections.abc import Callable
from typing import assert_never

from harness.experiments.training import Trained
from reports.plain_text import harmless
from reports.training import TrainingBar, TrainingLines, spelled_s
from training.events import EpochEnded, Estimated, Event, Finished, Refused, Said, Stepped

_GIB = 1 << 30


def heard(shown: TrainingBar | TrainingLines) -> Callable[[Event], None]:
    """Return who takes events and shows them."""

    def hear(event: Event) -> None:
        match event:
            case Said(stage):
                shown.say(stage)
            case Estimated():
                shown.print(spelled_estimate(event))
            case Stepped():
                shown.step(event)
            case EpochEnded():
                shown.validated(event.validation_loss)
                shown.print(_spelled_epoch(event))
            case Refused() | Finished():
                pass
            case _:
                assert_never(event)

    return hear


def spelled_estimate(event: Estimated) -> str:
    """Return what a run takes, as a sentence."""
    parts = sorted(event.parts.items(), key=lambda part: -part[1])
    largest = ", ".join(f"{name} {count / _GIB:.2f}" for name, count in parts if count > _GIB / 100)
    return (
        f"about {event.memory_bytes / _GIB:.2f} GiB of {event.available_bytes / _GIB:.1f} free ({largest}) "
        f"and {spelled_s(event.duration_s)}: {event.steps} steps on {event.examples} examples of up to "
        f"{event.longest_tokens} tokens, {event.trainable_parameters:,} trainable parameters"
    )


def show_trained(trained: Trained) -> None:
    """Print where the adapters lie and what training took."""
    done = trained.finished
    if done is None:
        return
    early = ", stopped early because validation loss rose" if done.stopped_early else ""
    sys.stdout.write(
        f"{len(trained.epochs)} adapters in {harmless(str(trained.out))} after {spelled_s(done.elapsed_s)}"
        f"{early}; at most {done.peak_memory_bytes / _GIB:.2f} GiB, "
        f"estimated {done.estimated_memory_bytes / _GIB:.2f}\n"
    )
    for folder in trained.epochs:
        sys.stdout.write(f"  {harmless(str(folder))}\n")


def _spelled_epoch(event: EpochEnded) -> str:
    losses = [
        f"{name} loss {value:.4f}"
        for name, value in (("training", event.training_loss), ("validation", event.validation_loss))
        if value is not None
    ]
    return f"epoch {event.epoch:g}: {', '.join(losses)}, kept in {event.folder}"
