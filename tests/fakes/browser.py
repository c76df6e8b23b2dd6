"""A real browser for tests of pages: started quietly, watched for troubles, examined by axe-core."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "\x1b[31m\u202egnp.exe</pre></article>\ud800"
)
_CHROMIUM = shutil.which("chromium")
_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
_PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium for all pages of a module, with patience for machines that are busy with other things."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if _CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    sync_api.expect.set_options(timeout=_PATIENCE_MS)
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=_CHROMIUM, args=_QUIET, timeout=_PATIENCE_MS)
        yield running
        running.close()


def opened(
    browser: "Browser", path: Path, size: dict[str, int], scheme: str = "light"
) -> tuple["Page", list[str]]:
    """A page that is a file, and what goes wrong on it from now on."""
    page = a_page(browser, size, scheme)
    troubles = watched(page)
    page.goto(path.as_uri())
    return page, troubles


def a_page(browser: "Browser", size: dict[str, int] = DESKTOP, scheme: str = "light") -> "Page":
    """An empty page of a size, patient."""
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(_PATIENCE_MS)
    return page


def watched(page: "Page") -> list[str]:
    """What goes wrong on the page from now on."""
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    return troubles


def serious(page: "Page") -> Sequence[str]:
    """What axe-core finds of serious or critical weight; evaluated past the page's own policy."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    found = page.evaluate(f"{axe.AXE_SCRIPT}; axe.run()")
    return [
        f"{each['id']}: {each['nodes'][0]['html']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def reading_address(process: "subprocess.Popen[str]") -> str:
    """Where a program that lays something before a reader says that it is read."""
    assert process.stdout is not None
    return process.stdout.readline().removeprefix("read here: ").strip()


def at(page: "Page", words: str) -> None:
    """Wait until a reading page stands where `words` say."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    sync_api.expect(page.locator("#position")).to_have_text(words)
