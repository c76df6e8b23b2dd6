"""Several results written in one go."""

from pathlib import Path

import pytest
from msgspec import structs

from harness.domain.response import ChoiceResponse
from harness.domain.run import ItemResult
from harness.errors import JournalError
from harness.store.journal import Journal, replay


def test_results_written_together_are_those_written_one_by_one(
    tmp_path: Path, results: tuple[ItemResult, ...]
) -> None:
    with Journal(tmp_path / "one") as one, Journal(tmp_path / "other") as other:
        one.extend(results)
        for result in results:
            other.append(result)
        one.sync()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert tuple(replay(tmp_path / "one")) == results


def test_what_stands_before_a_result_that_cannot_be_written_is_kept(
    tmp_path: Path, results: tuple[ItemResult, ...]
) -> None:
    endless = ChoiceResponse(logprobs=(float("-inf"),), tokens=(1,))
    broken = structs.replace(results[0], item_id="broken", outcome=endless)
    with Journal(tmp_path / "j") as journal, pytest.raises(JournalError, match="'broken'"):
        journal.extend((*results[:2], broken, *results[2:]))
    assert tuple(replay(tmp_path / "j")) == results[:2]


def test_a_journal_that_is_gone_cannot_be_synced(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        (tmp_path / "j").unlink()
        with pytest.raises(JournalError, match=r"could not be written \(No such file"):
            journal.sync()
