"""A page as PDF, printed by a browser that is installed: what prints well there is what is read on paper."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from harness import UsageError
from reports.plain_text import harmless

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_QUIET = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer"),
)
_PATIENCE_S = 180


def printed(page: str, *, find: Callable[[str], str | None] = shutil.which) -> bytes:
    """Return the HTML `page` as a PDF; its scripts do not run.

    `find` gives the path of a program by its name.  Raises `UsageError` where no browser is
    found, or the one found does not print.
    """
    browser = next(filter(None, map(find, _BROWSERS)), None)
    if browser is None:
        raise UsageError(
            "no browser is found that prints PDF: install chromium or Google Chrome, or print the page of "
            "--html from any browser"
        )
    with tempfile.TemporaryDirectory(prefix="weighbridge-") as folder:
        return _print(browser, page, Path(folder))


def _print(browser: str, page: str, folder: Path) -> bytes:
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(page, encoding="utf-8")
    # The sandbox needs a user of its own; root in a container has none.
    unboxed = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    command = (
        browser,
        *_QUIET,
        *unboxed,
        f"--user-data-dir={folder / 'profile'}",
        f"--print-to-pdf={target}",
        source.as_uri(),
    )
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unprinted(browser, str(error)) from error
    if done.returncode != 0 or not target.is_file() or not target.read_bytes().startswith(b"%PDF-"):
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _unprinted(browser, said[-1] if said else f"it ended with {done.returncode}")
    return target.read_bytes()


def _unprinted(browser: str, said: str) -> UsageError:
    shown = harmless(" ".join(said.split()), longest=300)
    return UsageError(f"{browser} did not print the page ({shown}): print the page of --html by hand")
