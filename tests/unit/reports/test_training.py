"""How a training run is shown."""

import io
from dataclasses import dataclass

import pytest

from reports.training import TrainingLines, spelled_s, spelled_step


@dataclass(frozen=True)
class Step:
    step: int = 3
    steps: int = 9
    epoch: float = 0.333
    loss: float = 1.23456
    examples_per_s: float = 2.518
    tokens_per_s: float = 800.4
    left_s: float = 61.5


def test_a_step_is_told_with_losses_rates_and_time_left() -> None:
    assert spelled_step(Step(), None) == (
        "epoch 0.33, loss 1.235, 2.5 examples/s, 800 tokens/s, 1 min 02 s left"
    )
    last = spelled_step(Step(step=9), 0.5)
    assert last == "epoch 0.33, loss 1.235, validation 0.500, 2.5 examples/s, 800 tokens/s"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (59.5, "1 min 00 s"), (3599.0, "1 h 00 min"), (7300.0, "2 h 01 min")]
)
def test_time_is_rounded_up(seconds: float, said: str) -> None:
    assert spelled_s(seconds) == said


def test_a_log_has_every_stage_and_the_last_step() -> None:
    sink = io.StringIO()
    with TrainingLines(sink) as lines:
        lines.say("training")
        lines.step(Step())
        lines.validated(0.5)
        lines.step(Step(step=9))
    shown = [line.partition("] ")[2] for line in sink.getvalue().splitlines()]
    assert shown == [
        "training",
        "step 9 of 9: epoch 0.33, loss 1.235, validation 0.500, 2.5 examples/s, 800 tokens/s",
    ]
