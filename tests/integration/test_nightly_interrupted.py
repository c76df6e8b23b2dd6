"""A killed nightly is shown as unfinished, and goes on where it stopped."""

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


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL], ids=lambda sign: sign.name)
def test_a_killed_night_is_unfinished_until_the_same_command_has_gone_on(
    sign: signal.Signals, server: FakeServer, start: StartProgram, weighbridge: RunProgram, in_tmp: Path
) -> None:
    file = in_tmp / "nightly.toml"
    file.write_text(
        f'owner = "Ada"\ndue = 2099-01-31\ncheckpoints = ["{server.checkpoint("slow-and-bad")}"]\n'
        f'tasks = ["tickets"]\nrelease = "{server.checkpoint("slow")}"\npolicy = "policy.toml"\n'
    )
    process = start("nightly", file)
    server.wait_for_chats(ITEMS + 20)
    process.send_signal(sign)
    _, err = process.communicate(timeout=120)
    if sign is signal.SIGTERM:
        assert process.returncode == 2
        assert err.splitlines()[-1].endswith("the same command goes on from there")
    (cut,) = (in_tmp / "results" / "nightly" / "nightly").iterdir()
    assert json.loads((cut / "night.json").read_text())["finished_at"] == ""
    assert (cut / "summary.md").read_text().startswith("### UNFINISHED: ")
    assert "<title>UNFINISHED: " in (cut / "index.html").read_text()

    done = weighbridge("nightly", file, "--json")
    assert done.status == 1, done.err
    (whole,) = (in_tmp / "results" / "nightly" / "nightly").iterdir()
    assert whole == cut
    assert "<title>REGRESSED: " in (whole / "index.html").read_text()
    assert all(row["is_new"] for row in json.loads(done.out)["rows"])
    asked = Counter(each.model for each in server.chats())
    assert asked["slow"] == ITEMS
    assert ITEMS <= asked["slow-and-bad"] <= ITEMS + IN_FLIGHT
