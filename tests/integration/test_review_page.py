"""The reading page in a real browser, by keyboard, from the first example to the written review."""

import json
import subprocess
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fakes.browser import a_page, at, reading_address, watched
from tests.fakes.fixtures import StartProgram
from training.data.review import read_review
from training.example_rows import examples_digest, read_examples

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.integration

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "\x1b[31m\u202egnp.exe</pre></article>"
)
COUNT = 12


@pytest.fixture
def data(in_tmp: Path) -> Path:
    path = in_tmp / "data.jsonl"
    rows = [
        {
            "id": f"e{number}",
            "messages": [
                {"role": "system", "content": "Reply with one line of JSON."},
                {"role": "user", "content": "Ticket: " + "my lamp is broken, " * (number + 1)},
                {"role": "assistant", "content": HOSTILE if number % 2 else '{"category":"damaged"}'},
            ],
            "source": "teacher <b>" if number % 3 else "hand",
        }
        for number in range(30)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def begun(start: StartProgram, data: Path) -> tuple["subprocess.Popen[str]", str]:
    process = start("data", "review", data, "--reviewer", "Ada", "--out", "read.json", "--count", COUNT)
    return process, reading_address(process)


def test_a_review_is_read_by_keyboard_from_first_to_last_and_survives_a_kill(
    browser: "sync_api.Browser", data: Path, start: StartProgram, in_tmp: Path
) -> None:
    process, address = begun(start, data)
    page = a_page(browser)
    troubles = watched(page)
    page.goto(address)
    at(page, f"Example 1 of {COUNT}")
    page.keyboard.press("a")
    at(page, f"Example 2 of {COUNT}")
    page.keyboard.press("n")
    page.keyboard.type("are all a's and r's kept?")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    at(page, f"Example 3 of {COUNT}")
    page.keyboard.press("ArrowLeft")
    at(page, f"Example 2 of {COUNT}")
    sync_api.expect(page.locator("#note")).to_have_value("are all a's and r's kept?")
    sync_api.expect(page.locator("#reject")).to_have_attribute("aria-pressed", "true")
    assert troubles == []
    process.kill()
    process.wait()

    process, address = begun(start, data)
    page.goto(address)
    troubles.clear()
    at(page, f"Example 3 of {COUNT}")
    for _ in range(COUNT - 2):
        page.keyboard.press("a")
    at(page, "The end")
    sync_api.expect(page.locator("#verdict")).to_contain_text(f"{COUNT - 1} of {COUNT} accepted (91.7 %)")
    page.keyboard.press("Enter")
    at(page, "Finished")
    out, err = process.communicate(timeout=30)
    assert (process.returncode, "weighbridge:" in err) == (0, False)
    assert f"{COUNT - 1} of {COUNT} examples accepted (92%), written to read.json." in out
    assert troubles == []
    page.close()

    review = read_review(in_tmp / "read.json")
    assert (review.reviewer, len(review.marks), review.accepted) == ("Ada", COUNT, COUNT - 1)
    assert review.marks[1].note == "are all a's and r's kept?"
    assert review.sampling.data_digest == examples_digest(read_examples(data))


def test_what_a_model_wrote_is_shown_as_text_on_a_phone_too(
    browser: "sync_api.Browser", data: Path, start: StartProgram
) -> None:
    _, address = begun(start, data)
    page = a_page(browser)
    page.set_viewport_size({"width": 360, "height": 740})
    troubles = watched(page)
    page.goto(address)
    seen = []
    for number in range(1, COUNT + 1):
        at(page, f"Example {number} of {COUNT}")
        seen.append(page.locator(".judged pre").inner_text())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.locator("main script, main img, main b").count() == 0
        page.locator("#accept").click()
    at(page, "The end")
    shown = HOSTILE.replace("\x1b", "\\u001b").replace("\u202e", "\\u202e")
    assert shown in seen
    assert page.title() == "Review of data.jsonl"
    assert troubles == []
    page.close()


def test_a_page_without_the_token_or_under_another_name_is_not_there(data: Path, start: StartProgram) -> None:
    _, address = begun(start, data)
    place = urlsplit(address)

    def status(path: str, host: str) -> int:
        with closing(HTTPConnection(place.hostname or "", place.port or 0, timeout=10)) as connection:
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status

    assert status(f"{place.path}cards", place.netloc) == 200
    assert status(f"{place.path}cards", "elsewhere.example") == 400
    assert [status(path, place.netloc) for path in ("/", "/cards", "/wrong/cards")] == [404, 404, 404]
