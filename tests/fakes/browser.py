"""A real browser for tests of pages: started quietly, watched for troubles, examined by axe-core."""

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright import sync_api

CHROMIUM = shutil.which("chromium")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
_PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator["sync_api.BrowserContext"]:
    """Chromium, with patience for machines that are busy with other things."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    profile = tmp_path_factory.mktemp("profile")
    sync_api.expect.set_options(timeout=_PATIENCE_MS)
    with sync_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=QUIET, viewport=DESKTOP, timeout=_PATIENCE_MS
        )
        context.set_default_timeout(_PATIENCE_MS)
        yield context
        context.close()


def watched(page: "sync_api.Page") -> list[str]:
    """What goes wrong on the page from now on."""
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    return troubles


def serious(page: "sync_api.Page") -> Sequence[str]:
    """What axe-core finds of serious or critical weight; evaluated past the page's own policy."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    found = page.evaluate(f"{axe.AXE_SCRIPT}; axe.run()")
    return [
        f"{each['id']}: {each['nodes'][0]['html']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
