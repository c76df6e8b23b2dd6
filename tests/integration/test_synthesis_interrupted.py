"""kill -9 and Ctrl-C in the middle of a synthesis: nothing that was answered is asked again."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram, StartProgram
from tests.fakes.openai_server import FakeServer
from tests.fakes.teachers import careless

pytestmark = pytest.mark.integration


@pytest.fixture
def school() -> Iterator[FakeServer]:
    with FakeServer({"slow": careless(delay_s=0.05)}) as running:
        yield running


def command(school: FakeServer, out: str) -> tuple[str, ...]:
    teacher = ("--teacher", school.checkpoint("slow"), "--concurrency", "4")
    return ("data", "synthesize", "--task", "tickets", *teacher, "--count", "20", "--out", out)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT], ids=lambda sign: sign.name)
def test_a_killed_synthesis_goes_on_to_what_an_unbroken_one_writes(
    sign: signal.Signals, school: FakeServer, start: StartProgram, weighbridge: RunProgram, in_tmp: Path
) -> None:
    process = start(*command(school, "broken.jsonl"))
    school.wait_for_chats(60)
    process.send_signal(sign)
    _, err = process.communicate(timeout=60)
    if sign is signal.SIGINT:
        assert process.returncode == 2
        assert err.splitlines()[-1] == (
            "weighbridge: stopped; what was done is kept, and the same command goes on from there"
        )
    lines = (in_tmp / "broken.attempts.jsonl").read_bytes().split(b"\n")
    kept = {json.loads(line)["number"] for line in lines[1:-1]}
    assert len(kept) >= 5
    assert not (in_tmp / "broken.jsonl").exists()

    before = len(school.chats())
    assert weighbridge(*command(school, "broken.jsonl")).status == 0
    resumed = len(school.chats()) - before
    before = len(school.chats())
    assert weighbridge(*command(school, "whole.jsonl")).status == 0
    assert resumed < len(school.chats()) - before
    for name in ("{}.jsonl", "{}.rejected.jsonl"):
        whole = (in_tmp / name.format("whole")).read_bytes()
        assert (in_tmp / name.format("broken")).read_bytes() == whole
