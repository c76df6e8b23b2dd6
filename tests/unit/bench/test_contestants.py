"""Contestants that need no optional package, against the server they are measured on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.contestants.job import Job
from bench.contestants.ours import weighbridge
from bench.contestants.raw import raw_protocol
from bench.process import serving


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("bench.instant_server") as running:
        yield running


@pytest.mark.parametrize("contestant", [raw_protocol, weighbridge])
@pytest.mark.parametrize(("items", "concurrency"), [(50, 8), (3, 8)])
def test_every_question_is_asked_and_every_answer_found_right(
    contestant: Callable[[Job], int], items: int, concurrency: int, url: str, tmp_path: Path
) -> None:
    assert contestant(Job(url=url, items=items, concurrency=concurrency, folder=tmp_path)) == items
