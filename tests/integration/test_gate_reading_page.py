"""The reading page of a gate in a real browser: blind, by keyboard from the first to the fiftieth item."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.domain.policy import Policy, ReadsPolicy
from harness.domain.run import Side
from harness.store.gate_folder import GateFolder
from tests.fakes.browser import PHONE, a_page, at, reading_address, serious, watched
from tests.fakes.fixtures import StartProgram
from tests.fakes.read_gates import Gate, kept

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.integration

COUNT = 50
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "\x1b[31m\u202egnp.exe</pre></article>\ud800"
)
SHOWN = HOSTILE.replace("\x1b", "\\u001b").replace("\u202e", "\\u202e").replace("\ud800", "\ufffd")
KEYS = "agbx"


def _said(side: Side, item_id: str) -> str:
    if side is Side.CANDIDATE:
        return HOSTILE
    # Some of those that differ, so that they are read: a megabyte each.
    return "long " * 200_000 if int(item_id[1:]) % 25 == 0 else f"A plain reply to {item_id}."


@pytest.fixture
def gate(in_tmp: Path, recorded: Callable[..., Gate]) -> GateFolder:
    baseline = [float(number % 5 > 0) for number in range(120)]
    policy = Policy(sequential=False, reads=ReadsPolicy(required=COUNT, min_accepted=0.5))
    (in_tmp / "rubric.md").write_text("Accept what a customer could use.\n<b>Be strict.</b>")
    return kept(in_tmp / "results", recorded({"sums": (baseline, [1.0] * 120)}, policy=policy), _said)


def begun(start: StartProgram, gate: GateFolder) -> tuple["subprocess.Popen[str]", str]:
    process = start("review", gate.path, "--reviewer", "Ada", "--rubric", "rubric.md")
    return process, reading_address(process)


def test_fifty_items_are_read_by_keyboard_alone_and_decide_the_gate(
    browser: "sync_api.Browser", gate: GateFolder, start: StartProgram, tmp_path: Path
) -> None:
    process, address = begun(start, gate)
    page = a_page(browser)
    troubles = watched(page)
    page.goto(address)
    at(page, f"Item 1 of {COUNT}")
    page.keyboard.press("u")
    sync_api.expect(page.locator("#rubric-text")).to_have_text(
        "Accept what a customer could use.\n<b>Be strict.</b>"
    )
    assert serious(page) == []
    page.screenshot(path=tmp_path / "reading-desktop.png", full_page=True)
    page.keyboard.press("u")
    page.keyboard.press("n")
    page.keyboard.type("a bag of g's and x's")
    page.keyboard.press("Escape")
    for number in range(1, COUNT + 1):
        at(page, f"Item {number} of {COUNT}")
        page.keyboard.press(KEYS[number % len(KEYS)])
    at(page, "The end")
    page.keyboard.press("ArrowLeft")
    at(page, f"Item {COUNT} of {COUNT}")
    sync_api.expect(
        page.locator(f"#{['both', 'only-b', 'neither', 'only-a'][(COUNT - 1) % 4]}")
    ).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    at(page, "The end")
    assert serious(page) == []
    page.keyboard.press("Enter")
    at(page, "Finished")
    out, err = process.communicate(timeout=600)
    assert "weighbridge:" not in err
    assert f"Ada: {COUNT} items (pairs)" in out
    assert troubles == []
    page.close()
    (reads,) = gate.reads()
    assert len(reads.readings) == COUNT
    assert reads.readings[0].note == "a bag of g's and x's"
    assert all(each.seconds > 0 for each in reads.readings)
    assert process.returncode == (0 if "PASSED" in out.splitlines()[-1] else 1)


def test_what_a_model_wrote_is_text_beside_its_rival_on_a_phone_and_a_kill_loses_nothing(
    browser: "sync_api.Browser", gate: GateFolder, start: StartProgram, tmp_path: Path
) -> None:
    process, address = begun(start, gate)
    page = a_page(browser, PHONE)
    troubles = watched(page)
    page.goto(address)
    at(page, f"Item 1 of {COUNT}")
    replies = page.locator("#replies pre")
    assert SHOWN in replies.all_inner_texts()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("main script, main img, main b").count() == 0
    assert page.title() == f"Review of gate {gate.manifest.gate_id}"
    assert not {"candidate", "baseline", "the-candidate"} & set(page.content().split())
    assert serious(page) == []
    page.screenshot(path=tmp_path / "reading-phone.png", full_page=True)
    page.locator("#both").click()
    at(page, f"Item 2 of {COUNT}")
    assert troubles == []
    process.kill()
    process.wait()
    assert len(gate.reads()[0].readings) == 1

    _, address = begun(start, gate)
    page.goto(address)
    at(page, f"Item 2 of {COUNT}")
    page.close()
