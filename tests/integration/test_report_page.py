"""The pages of a gate and of the trend in a real browser: readable, quiet, safe from what models wrote."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.domain.policy import Policy
from harness.domain.response import FinishReason, Response
from harness.domain.run import ItemResult, RunSpec, Side
from harness.domain.score import Score
from harness.domain.suite import Suite
from harness.domain.task import Task
from harness.gating.gate import decide
from reports.gate.record import GateRecord
from reports.trend.page import trend_page
from reports.trend.record import TrendRecord
from tests.fakes.browser import DESKTOP, HOSTILE, PHONE, opened, serious
from tests.fakes.manifests import a_manifest
from tests.fakes.nights import a_point

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("vl_convert", reason="weighbridge[report] is not installed")

pytestmark = pytest.mark.integration

MANY = 5_000
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def gate_html(
    a_task: Callable[..., Task], a_run: Callable[..., RunSpec], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Writes the page of a gate of `items` items whose candidate says `said`."""

    def write(said: str, items: int) -> Path:
        from reports.gate.page import gate_page

        path = tmp_path_factory.mktemp("report") / "gate.html"
        path.write_text(gate_page(_record(a_task(items=items), a_run, said)), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def hostile_html(gate_html: Callable[..., Path]) -> Path:
    return gate_html(HOSTILE, 120)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_gate_can_be_read_on_any_screen_and_what_a_model_wrote_is_text(
    size: dict[str, int], scheme: str, hostile_html: Path, browser: "sync_api.Browser"
) -> None:
    page, troubles = opened(browser, hostile_html, size, scheme)
    sync_api.expect(page.locator("h1")).to_contain_text("REGRESSED")
    page.locator("details.item summary").first.click()
    reply = page.locator("details.item[open] .reply").nth(1)
    sync_api.expect(reply).to_contain_text("</script><script>document.title='owned'</script>")
    sync_api.expect(reply).to_contain_text(r"\u001b[31m\u202egnp.exe</pre></article>")
    assert page.locator("main img, main b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.title() == "REGRESSED: g-1"
    assert serious(page) == []
    assert troubles == []
    page.screenshot(path=hostile_html.parent / f"gate-{size['width']}-{scheme}.png", full_page=True)
    page.close()


def test_items_are_found_and_opened_with_the_keyboard_alone(
    hostile_html: Path, browser: "sync_api.Browser"
) -> None:
    page, troubles = opened(browser, hostile_html, DESKTOP)
    page.locator("#which").focus()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("i7")
    sync_api.expect(page.locator("#said")).to_have_text("22 of 22 items listed.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("details.item[open] .sides")).to_be_visible()
    assert troubles == []
    page.close()


def test_the_page_prints_without_its_tools(hostile_html: Path, browser: "sync_api.Browser") -> None:
    page, _ = opened(browser, hostile_html, DESKTOP)
    page.emulate_media(media="print")
    sync_api.expect(page.locator("#list")).to_be_hidden()
    sync_api.expect(page.locator("article").first).to_be_visible()
    assert len(page.pdf()) > 10_000
    page.close()


def test_five_thousand_items_open_at_once_and_are_no_burden_to_mail(
    gate_html: Callable[..., Path], browser: "sync_api.Browser"
) -> None:
    words = " ".join(f"word-{number % 97}" for number in range(120))
    path = gate_html(words, MANY)
    assert path.stat().st_size < 15 * MEGABYTE
    waits_ms = []
    for _ in range(3):
        page, troubles = opened(browser, path, DESKTOP)
        sync_api.expect(page.locator("details.item")).to_have_count(50)
        waits_ms.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        page.locator("details.item summary").first.click()
        sync_api.expect(page.locator("details.item[open] .reply").nth(1)).to_contain_text("word-96")
        assert troubles == []
        page.close()
    assert min(waits_ms) < 2_000


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_trend_can_be_read_on_any_screen(
    size: dict[str, int], tmp_path: Path, browser: "sync_api.Browser"
) -> None:
    points = tuple(a_point(number, side) for number in range(40) for side in ("baseline", "candidate"))
    record = TrendRecord(points=points, usage=(), flaky=(), flaky_total=0, gates=40, unfinished=0)
    path = tmp_path / "trend.html"
    path.write_text(trend_page(record, about=HOSTILE), encoding="utf-8")
    page, troubles = opened(browser, path, size)
    sync_api.expect(page.locator("h1")).to_contain_text("2 series over 40 gates have 1 lasting steps")
    assert page.locator("svg").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert serious(page) == []
    assert troubles == []
    page.close()


def _record(task: Task, a_run: Callable[..., RunSpec], said: str) -> GateRecord:
    names = [item.id for item in task.items]
    runs = tuple(
        replace(a_run(side, names, subject=task.name, arm=arm), subject_digest=task.digest)
        for arm in ("zero-shot", "rag-3")
        for side in (Side.BASELINE, Side.CANDIDATE)
    )
    results = {run.id: tuple(_result(run, number, said) for number in range(len(names))) for run in runs}
    manifest = a_manifest(
        gate_id="g-1",
        policy=Policy(sequential=False),
        suites=(Suite.TARGET_METRIC, Suite.SCHEMA_VALIDITY),
        runs=runs,
        environment={"python": "3.11"},
    )
    return GateRecord(
        folder="results/gates/g-1",
        manifest=manifest,
        verdict=decide(manifest, results.__getitem__),
        results=results,
        replayed=True,
        tasks={task.digest: task},
    )


def _result(run: RunSpec, number: int, said: str) -> ItemResult:
    is_candidate = run.side is Side.CANDIDATE
    value = 0.0 if is_candidate and number % 3 == 0 else 1.0
    reply = Response(
        text=f"{said} {number}" if is_candidate else f"the answer is {number}, {said[:40]}",
        finish_reason=FinishReason.STOP,
        prompt_tokens=100,
        completion_tokens=20,
    )
    return ItemResult(
        run_id=run.id,
        item_id=run.item_ids[number],
        cluster=f"c{number}",
        outcome=reply,
        scores={
            "target": Score(value=value, parts={"answer": value, "wording": 1.0}),
            "schema": Score(value=value, note="" if value else "at steps/1: 'x' is not a number"),
        },
        prompt_digest="a" * 64,
        example_ids=("g1", "g2", "g3"),
    )
