"""The page of a night in a real browser: readable on any screen, quiet, and safe from what names say."""

from pathlib import Path

import pytest

from harness.domain.nightly import Against, CheckpointAnswer, NightHole, NightPart, Notice
from harness.domain.verdict import Status
from reports.nightly.page import night_page
from reports.nightly.record import NightRecord
from reports.trend.record import FlakyItem, TrendRecord
from tests.fakes.browser import DESKTOP, HOSTILE, PHONE, opened, serious
from tests.fakes.nights import a_change, a_night, a_point, a_reading, a_row

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.integration


def a_bad_night() -> NightRecord:
    """A night with all that a page can show: bad verdicts, a moved anchor, a hole, hostile names."""
    rows = [
        a_row(
            name,
            arm=arm,
            changes=(
                a_change(status=status, delta=-0.2, interval=(-0.3, -0.1)),
                a_change(Against.LAST_NIGHT, status=Status.INCONCLUSIVE, gates=False),
                a_change(Against.ANCHOR),
            ),
        )
        for name, status in (("night-12", Status.REGRESSED), (HOSTILE, Status.INCONCLUSIVE))
        for arm in ("zero-shot", "rag-3")
    ]
    rows += [
        a_row("release-8", part=NightPart.RELEASE, is_new=False),
        a_row("frozen", part=NightPart.ANCHOR, changes=(SHOWN,)),
    ]
    night = a_night(
        status=Status.REGRESSED,
        reason=f"night-12: worse than the release; {HOSTILE}",
        anchor="frozen",
        owner=HOSTILE,
        rows=tuple(rows),
        answers=(
            CheckpointAnswer(checkpoint="night-12", status=Status.REGRESSED, reason="worse"),
            CheckpointAnswer(checkpoint=HOSTILE, status=Status.INVALID, reason=HOSTILE),
        ),
        holes=(
            NightHole(
                part=NightPart.CHECKPOINT, checkpoint="gone", subject="sums", arm="rag-3", reason=HOSTILE
            ),
        ),
        readings=(a_reading(moved=True), a_reading(arm="rag-3")),
        notices=(Notice(about="due", text="2027-01-01 has passed"), Notice(about="drift", text=HOSTILE)),
    )
    points = tuple(
        a_point(number, side) for number in range(40) for side in ("baseline", "candidate", "anchor")
    )
    flaky = FlakyItem(
        subject="sums",
        arm="zero-shot",
        checkpoint="frozen",
        item_id="i7",
        metric="target",
        runs=4,
        lowest=0.0,
        highest=1.0,
        mean=0.5,
    )
    history = TrendRecord(points=points, usage=(), flaky=(flaky,), flaky_total=1, gates=40, unfinished=0)
    return NightRecord(night=night, command=f"weighbridge nightly {HOSTILE}", history=history)


SHOWN = a_change(Against.LAST_NIGHT, status=Status.REGRESSED, gates=False)


@pytest.fixture(scope="module")
def night_html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nightly") / "index.html"
    path.write_text(night_page(a_bad_night()), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_night_can_be_read_on_any_screen_and_what_names_say_is_text(
    size: dict[str, int], scheme: str, night_html: Path, browser: "sync_api.Browser"
) -> None:
    page, troubles = opened(browser, night_html, size, scheme)
    sync_api.expect(page.locator("h1")).to_contain_text("REGRESSED")
    sync_api.expect(page.locator("header")).to_contain_text("due 2027-01-31")
    sync_api.expect(page.locator("header .warning")).to_contain_text("The measurement moved")
    sync_api.expect(page.get_by_role("region", name="Table of holes")).to_contain_text("gone")
    page.get_by_text("Why, question by question").click()
    sync_api.expect(page.get_by_text("against the last night: INCONCLUSIVE").first).to_be_visible()
    assert page.locator("svg").count() == 2
    assert page.locator("main img, main b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.title() == "REGRESSED: nightly, 2027-01-12-1"
    assert serious(page) == []
    assert troubles == []
    page.screenshot(path=night_html.parent / f"night-{size['width']}-{scheme}.png", full_page=True)
    page.close()
