"""The folder of a training run: one training each, found again, never mixed with another."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import InvalidRecipe
from training.certificate import read_shingles
from training.job import Job, epoch_folder, epoch_folders, keep_shingles, kept, read_job, write_job


def test_a_job_is_read_back_as_it_was_written(a_job: Callable[..., Job]) -> None:
    job = a_job(recipe={"lora": {"rank": 4}})
    assert read_job(write_job(job)) == job
    assert job.recipe.lora.rank == 4


def test_the_same_training_may_come_again(a_job: Callable[..., Job]) -> None:
    write_job(a_job(created_at="yesterday"))
    assert write_job(a_job(created_at="today")).is_file()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_digest": "9"}, "the base of which differ"),
        ({"data_digest": "9"}, "the data of which differ"),
        ({"recipe": {"epochs": 9.0}}, "the recipe of which differ"),
        ({"recipe": {"seed": 9}, "data_digest": "9"}, "the data and the recipe of which differ"),
    ],
)
def test_a_folder_takes_no_second_training(
    a_job: Callable[..., Job], change: dict[str, object], said: str
) -> None:
    write_job(a_job())
    with pytest.raises(InvalidRecipe, match=said):
        write_job(a_job(**change))


def test_where_files_lie_does_not_make_another_training(a_job: Callable[..., Job]) -> None:
    assert a_job().identity == a_job(recipe={"data": "elsewhere/d", "base": "elsewhere/b"}).identity
    assert a_job().identity != a_job(recipe={"learning_rate": 0.1}).identity


def test_a_damaged_job_is_refused(a_job: Callable[..., Job]) -> None:
    path = write_job(a_job())
    path.write_text("{")
    with pytest.raises(InvalidRecipe, match="train into a new folder"):
        read_job(path)


def test_epochs_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("epoch-10", "epoch-2", "epoch-1", ".epoch-3-x", "epoch-x"):
        (tmp_path / name).mkdir()
    assert [path.name for path in epoch_folders(tmp_path)] == ["epoch-1", "epoch-2", "epoch-10"]
    assert kept(tmp_path) == f"{epoch_folder(tmp_path, 10)} is the last good checkpoint and is kept"
    assert kept(tmp_path / "none") == "no epoch was finished before"


def test_shingles_wait_in_the_work_folder(a_job: Callable[..., Job]) -> None:
    job = a_job()
    write_job(job)
    keep_shingles(job, frozenset({3, 1}))
    assert read_shingles(job.run) == {1, 3}
