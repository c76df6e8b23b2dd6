"""`weighbridge trend`: all gates over time, from the DuckDB file."""

import json
from pathlib import Path
from statistics import fmean

import duckdb
import pytest

from harness.config.task_folder import load_task
from reports.gate.slices import FEWEST
from tests.fakes.fixtures import RunProgram
from tests.fakes.tickets import TICKETS


def rows(weighbridge: RunProgram, results: Path, *options: object) -> list[dict[str, object]]:
    done = weighbridge("trend", "--results", results, "--json", *options)
    assert done.status == 0
    found: list[dict[str, object]] = json.loads(done.out)
    return found


def newest_scores(results: Path, side: str) -> dict[str, float]:
    """The target scores of a side in the newest gate, by item."""
    with duckdb.connect(str(results / "weighbridge.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "SELECT item_id, value FROM item_scores WHERE side = ? AND metric = 'target' AND part = '' "
            "AND gate_id = (SELECT gate_id FROM gates ORDER BY created_at DESC LIMIT 1)",
            [side],
        ).fetchall()
    return dict(found)


def test_every_metric_of_every_side_is_a_row(results: Path, weighbridge: RunProgram) -> None:
    found = {(row["of"], row["side"]): row for row in rows(weighbridge, results)}
    assert ("tickets x zero-shot: target", "candidate") in found
    assert ("tickets x zero-shot: schema", "baseline") in found
    assert {row["runs"] for row in found.values()} == {2}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--suite", "schema-validity"), {"tickets x zero-shot: schema"}),
        (("--task", "tickets", "--suite", "target-metric"), {"tickets x zero-shot: target"}),
        (("--task", "nothing"), set()),
        (("--suite", "latency"), set()),
    ],
)
def test_a_selection_leaves_the_rest_out(
    options: tuple[str, ...], named: set[str], results: Path, weighbridge: RunProgram
) -> None:
    assert {row["of"] for row in rows(weighbridge, results, *options)} == named


def test_a_page_and_a_parquet_file_are_written(results: Path, weighbridge: RunProgram, in_tmp: Path) -> None:
    page, parquet = in_tmp / "trend.html", in_tmp / "it's.parquet"
    rows(weighbridge, results, "--html", page, "--parquet", parquet)
    assert "lasting steps" in page.read_text()
    found = duckdb.read_parquet(str(parquet))
    assert {"created_at", "subject", "arm", "side", "metric", "part", "mean", "lower", "upper"} <= set(
        found.columns
    )
    assert all(lower <= upper for lower, upper in found.select("lower", "upper").fetchall())
    assert len(found.fetchall()) > len(rows(weighbridge, results))


@pytest.mark.parametrize("place", ["", "none/at/all.parquet"])
def test_a_place_that_no_parquet_file_can_be_at_is_one_sentence(
    place: str, results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    done = weighbridge("trend", "--results", results, "--parquet", in_tmp / place)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)


def test_an_empty_selection_leaves_an_empty_parquet_file_of_the_same_columns(
    results: Path, weighbridge: RunProgram, in_tmp: Path
) -> None:
    rows(weighbridge, results, "--parquet", in_tmp / "all.parquet")
    rows(weighbridge, results, "--task", "nothing", "--parquet", in_tmp / "none.parquet")
    whole, none = (duckdb.read_parquet(str(in_tmp / name)) for name in ("all.parquet", "none.parquet"))
    assert (none.columns, none.types, none.fetchall()) == (whole.columns, whole.types, [])


def test_without_results_it_says_what_to_do(in_tmp: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("trend", "--results", in_tmp / "none")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "run a gate first" in done.err


def test_a_store_of_a_newer_schema_is_refused_with_what_to_do(results: Path, weighbridge: RunProgram) -> None:
    with duckdb.connect(str(results / "weighbridge.duckdb")) as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    done = weighbridge("trend", "--results", results)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "pip install -U weighbridge" in done.err


def test_an_unknown_suite_is_refused_by_name(results: Path, weighbridge: RunProgram) -> None:
    done = weighbridge("trend", "--results", results, "--suite", "speed")
    assert done.status == 2
    assert "unknown suite 'speed'" in done.err


def test_a_slice_of_a_task_has_lines_of_its_own(results: Path, weighbridge: RunProgram, in_tmp: Path) -> None:
    page = in_tmp / "trend.html"
    sliced = rows(
        weighbridge, results, "--task", "tickets", "--slice", "billing,normal", "--suite", "target-metric"
    )
    assert {row["of"] for row in sliced} == {
        "tickets, billing x zero-shot: target",
        "tickets, normal x zero-shot: target",
    }
    tags = {item.id: item.tags for item in load_task(TICKETS).items}
    for row in sliced:
        tag, side = str(row["of"]).split(", ")[1].split(" ")[0], row["side"]
        scored = newest_scores(results, str(side))
        mine = [value for item_id, value in scored.items() if tag in tags[item_id]]
        assert len(mine) >= FEWEST
        assert row["mean"] == pytest.approx(fmean(mine), abs=1e-4)
    rows(weighbridge, results, "--task", "tickets", "--slice", "billing", "--html", page)
    assert "tickets, billing" in page.read_text()
    assert "Waiting times and tokens" not in page.read_text()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--slice", "billing"), "name it with --task"),
        (("--slice", "billing", "--task", "tickets,fractions"), "name it with --task"),
        (("--slice", "moon", "--task", "tickets"), "no item of tickets has the tag 'moon': its tags are"),
        (("--slice", "billing", "--task", "nowhere"), "nowhere"),
        (("--slice", "billing", "--task", "tickets", "--parquet", "x"), "leave --slice out"),
    ],
)
def test_a_slice_that_cannot_be_told_is_one_sentence(
    options: tuple[str, ...], sentence: str, results: Path, weighbridge: RunProgram
) -> None:
    done = weighbridge("trend", "--results", results, *options)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert sentence in done.err
