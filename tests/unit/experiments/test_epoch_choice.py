"""The epoch that ships is chosen by what was served."""

import pytest

from harness.errors import InvalidComparison
from harness.experiments.epoch_choice import EpochScore, choose_epoch


def scored(epoch: int, target: float, probe: float = 0.6, **fields: object) -> EpochScore:
    given = {"target_se": 0.03, "by_arm": {"zero-shot": target}, "valid": 1.0, "items": 40}
    return EpochScore(epoch=epoch, target=target, probe=probe, **given | fields)


BASE = scored(0, 0.1)


def test_the_highest_target_ships() -> None:
    choice = choose_epoch([BASE, scored(1, 0.4), scored(2, 0.7), scored(3, 0.5)])
    assert choice.epoch == 2
    assert choice.reason.startswith("epoch 2 scores highest, 0.70 against the base's 0.10")
    assert choice.warnings == ("epoch 3 serves worse than epoch 2: 0.50 against 0.70",)


def test_what_cannot_be_told_from_the_best_and_is_shorter_ships() -> None:
    choice = choose_epoch([BASE, scored(1, 0.68), scored(2, 0.70)])
    assert choice.epoch == 1
    assert "which 40 items do not tell from the best, epoch 2 with 0.70" in choice.reason


def test_an_epoch_that_forgot_does_not_ship_however_good() -> None:
    choice = choose_epoch([BASE, scored(1, 0.4), scored(2, 0.9, probe=0.5)])
    assert choice.epoch == 1
    assert "epoch 2 has forgotten: the probe fell from 0.60 to 0.50" in choice.warnings


def test_where_all_forgot_none_ships() -> None:
    choice = choose_epoch([BASE, scored(1, 0.4, probe=0.5), scored(2, 0.9, probe=0.3)])
    assert choice.epoch is None
    assert choice.reason.startswith("no epoch may ship: all fall more than 5% below the base's 0.60")
    assert "epoch 1 least (0.50)" in choice.reason


def test_where_nothing_was_gained_none_ships() -> None:
    choice = choose_epoch([scored(0, 0.5), scored(1, 0.4), scored(2, 0.5)])
    assert choice.epoch is None
    assert "epoch 2, scores 0.50 and the base 0.50" in choice.reason


def test_overfitting_is_shown_where_it_begins() -> None:
    losses = [(1.0, 0.9), (0.5, 0.8), (0.2, 0.95), (0.1, 1.2)]
    epochs = [
        scored(number, 0.7, training_loss=learnt, validation_loss=looked)
        for number, (learnt, looked) in enumerate(losses, start=1)
    ]
    choice = choose_epoch([BASE, *epochs])
    assert choice.epoch == 1
    (warning,) = choice.warnings
    assert warning == (
        "from epoch 3 on it overfits: training loss falls from 0.500 to 0.200 and validation loss rises from "
        "0.800 to 0.950"
    )


def test_losses_that_were_not_measured_show_nothing() -> None:
    assert choose_epoch([BASE, scored(1, 0.7), scored(2, 0.7, training_loss=0.1)]).warnings == ()


@pytest.mark.parametrize("scores", [[], [BASE], [scored(1, 0.4), scored(2, 0.5)]])
def test_epochs_are_chosen_against_a_base(scores: list[EpochScore]) -> None:
    with pytest.raises(InvalidComparison, match="score the base and at least one epoch"):
        choose_epoch(scores)
