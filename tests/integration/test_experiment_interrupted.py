"""A killed experiment goes on where it stopped, and asks no finished cell again."""

import json
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram, StartProgram
from tests.fakes.openai_server import FakeServer

pytestmark = pytest.mark.integration

ITEMS = 60
IN_FLIGHT = 48


def an_experiment(folder: Path, server: FakeServer) -> Path:
    names = [server.checkpoint(name) for name in ("slow", "slow-and-bad")]
    path = folder / "killed.toml"
    path.write_text(
        f'question = "Who knows?"\ntask = "tickets"\nitems = {ITEMS}\n'
        f'reference = {{ checkpoint = "{names[0]}" }}\n[factors]\ncheckpoint = {json.dumps(names)}\n'
    )
    return path


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL], ids=lambda sign: sign.name)
def test_what_was_measured_before_a_kill_is_not_asked_again(
    sign: signal.Signals, server: FakeServer, start: StartProgram, weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = an_experiment(in_tmp, server)
    process = start("experiment", file)
    server.wait_for_chats(ITEMS + 20)
    process.send_signal(sign)
    _, err = process.communicate(timeout=60)
    if sign is signal.SIGTERM:
        assert process.returncode == 2
        assert err.splitlines()[-1].endswith("the same command goes on from there")
    assert not list(in_tmp.glob("results/experiments/killed-*/report.md"))

    done = weighbridge("experiment", file, "--json")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert [row["items"] for row in report["rows"]] == [ITEMS, ITEMS]
    asked = Counter(each.model for each in server.chats())
    assert asked["slow"] == ITEMS
    assert ITEMS <= asked["slow-and-bad"] <= ITEMS + IN_FLIGHT
    assert len(list((in_tmp / "results" / "gates").iterdir())) == 2
