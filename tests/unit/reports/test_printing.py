"""Printing a page: through whichever browser is there, and one sentence where none is or it fails."""

from pathlib import Path

import pytest

from harness import UsageError
from reports.printing import printed

PRINTS = """#!/bin/sh
for word; do case "$word" in
    --print-to-pdf=*) target=${word#*=};;
    file://*) source=${word#file://};;
esac; done
{ printf '%%PDF-1.4 '; cat "$source"; } > "$target"
"""
WRITES_NONSENSE = PRINTS.replace("%%PDF-1.4", "sorry")
CRASHES = "#!/bin/sh\necho 'no display \x1b[31m' >&2\nexit 7\n"
DOES_NOTHING = "#!/bin/sh\n"


def a_browser(folder: Path, script: str) -> str:
    path = folder / "browser"
    path.write_text(script)
    path.chmod(0o755)
    return str(path)


def test_the_page_is_printed_by_the_first_browser_found(tmp_path: Path) -> None:
    known = {"google-chrome": a_browser(tmp_path, PRINTS)}
    assert printed("<p>ß</p>", find=known.get) == b"%PDF-1.4 " + "<p>ß</p>".encode()


def test_without_a_browser_it_is_said_what_to_install() -> None:
    with pytest.raises(UsageError, match="install chromium or Google Chrome, or print the page of --html"):
        printed("<p>", find=lambda _: None)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (CRASHES, r"no display \\u001b\[31m"),
        (WRITES_NONSENSE, "it ended with 0"),
        (DOES_NOTHING, "it ended with 0"),
        ("not a program", "did not print the page"),
    ],
    ids=["crashes", "nonsense", "nothing", "no program"],
)
def test_a_browser_that_does_not_print_is_one_sentence(script: str, said: str, tmp_path: Path) -> None:
    browser = a_browser(tmp_path, script)
    with pytest.raises(UsageError, match=said):
        printed("<p>", find=lambda _: browser)
