"""The table of epochs as they would be served, and the choice among them."""

import sys

from harness.cli.show import show_rows
from harness.experiments.epochs import ScoredEpochs
from reports.plain_text import harmless


def show_epochs(scored: ScoredEpochs) -> None:
    """Print a row an epoch, the base first, then which ships and why."""
    arms = tuple(scored.scores[0].by_arm)
    columns = ("epoch", "training loss", "validation loss", *arms, "valid", "probe")
    rows = [
        (
            score.epoch or "base",
            _loss(score.training_loss),
            _loss(score.validation_loss),
            *(f"{score.by_arm[arm]:.2f}" for arm in arms),
            f"{score.valid:.0%}",
            f"{score.probe:.2f}",
        )
        for score in scored.scores
    ]
    show_rows(columns, rows, json=False)
    for warning in scored.choice.warnings:
        sys.stdout.write(f"{warning}\n")
    sys.stdout.write(f"{scored.choice.reason}\n")
    if scored.chosen is not None:
        sys.stdout.write(f"  {harmless(str(scored.chosen))}\n")


def _loss(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
