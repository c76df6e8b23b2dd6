import dataclasses
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from msgspec import structs

from harness.domain.manifest import GateManifest
from harness.domain.response import FailureKind, FinishReason, GenerationFailure, Response
from harness.domain.run import ItemResult
from harness.domain.verdict import GateVerdict
from harness.errors import StoreError, WarehouseError
from harness.store import warehouse
from harness.store.gate_folder import GateFolder
from harness.store.warehouse import ingest, query, rebuild

Fill = Callable[..., GateFolder]
TABLES = ("gates", "gate_notes", "runs", "item_results", "scores", "verdicts", "tests")


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(query(database, f"FROM {table}").rows, key=str) for table in TABLES}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "weighbridge.duckdb"


def test_every_table_holds_what_the_gate_recorded(tmp_path: Path, database: Path, fill: Fill) -> None:
    ingest(database, fill(tmp_path))
    common = ("20261122-abc", "cand")
    asked = ("c1", "candidate", "fractions", "rag-3")
    question = ("20261122-abc", "target-metric", "fractions", "rag-3", "rubric")
    found = rows(database)
    assert found["gates"] == [
        (
            "20261122-abc",
            "d" * 64,
            1,
            "2026-11-22T10:00:00+00:00",
            True,
            "INVALID",
            "latency was not measured",
        )
    ]
    assert [row[1:6] + row[-2:] for row in found["runs"]] == [
        ("base", "fractions.rag-3", "task", "baseline", "theirs", 3, 0),
        ("cand", "fractions.rag-3", "task", "candidate", "mine", 3, 3),
    ]
    reply = ("response", None, None, "stop", '{"answer": "½"}', 120, 9, 0.1, None, 0.30000000000000004)
    failure = ("failure", "timeout", "no token within 60 s", *(None,) * 7)
    assert found["item_results"] == [
        (*common, "i1", *asked, *reply, "e" * 64),
        (*common, "i2", *asked, "choice", *(None,) * 9, "e" * 64),
        (*common, "i3", *asked, *failure, "e" * 64),
    ]
    assert found["scores"][:3] == [
        (*common, "i1", "rubric", "", 0.5),
        (*common, "i1", "rubric", "form", 1.0),
        (*common, "i1", "rubric", "number", 0.0),
    ]
    assert found["gate_notes"] == [
        ("20261122-abc", 1, "this is look 2"),
        ("20261122-abc", 2, "a waiver ran out"),
    ]
    no_waiver, infinite = (None, None), float("inf")
    waiver = (date(2027, 1, 31), "mended by the next mix")
    passed = ("PASSED", "no worse than 0.05 below the baseline", *no_waiver)
    assert [row[5:] for row in found["verdicts"]] == [
        ("baseline", "gate", "INVALID", "none", *no_waiver, *(None,) * 7),
        (
            "anchor",
            "gate",
            "REGRESSED",
            "worse than the baseline",
            *waiver,
            3,
            9,
            0.9,
            0.5,
            -0.4,
            -0.2,
            infinite,
        ),
        ("baseline", "gate", *passed, 3, 9, 0.4, 0.5, 0.1, -0.2, infinite),
    ]
    assert found["tests"] == [
        (*question, "anchor", "tango", "non-inferiority", False, None),
        (*question, "baseline", "sign-flip", "non-inferiority", True, 0.04),
        (*question, "baseline", "tango", "non-inferiority", False, None),
    ]


def test_a_verdict_finds_its_own_tests_where_the_same_is_asked_against_an_anchor(
    tmp_path: Path, database: Path, fill: Fill
) -> None:
    ingest(database, fill(tmp_path))
    joined = query(
        database,
        "SELECT against, status, count(name) FROM verdicts JOIN tests USING "
        "(gate_id, suite, subject, arm, metric, against) GROUP BY ALL ORDER BY against",
    )
    assert joined.rows == (("anchor", "REGRESSED", 1), ("baseline", "PASSED", 2))


def test_a_verdict_without_a_plan_was_weighed_on_what_was_planned(
    tmp_path: Path, database: Path, fill: Fill, verdict: GateVerdict
) -> None:
    weighed = verdict.verdicts[0]
    assert weighed.evidence is not None
    bare = dataclasses.replace(weighed, evidence=dataclasses.replace(weighed.evidence, details={}))
    with fill(tmp_path, finished=False) as folder:
        folder.finish(dataclasses.replace(verdict, verdicts=(bare,)))
    ingest(database, folder)
    assert query(database, "SELECT n, planned_items FROM verdicts").rows == ((3, 3),)


def test_ingesting_twice_changes_nothing(tmp_path: Path, database: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    once = rows(database)
    ingest(database, folder)
    assert rows(database) == once


def test_ingesting_again_replaces_only_that_gate(tmp_path: Path, database: Path, fill: Fill) -> None:
    ingest(database, fill(tmp_path, gate_id="kept"))
    folder = fill(tmp_path, gate_id="grown", finished=False)
    ingest(database, folder)
    with folder, folder.journal("base") as journal:
        journal.append(structs.replace(folder.results("cand")[0], run_id="base"))
    ingest(database, folder)
    counts = query(
        database, "SELECT gate_id, count(*) FROM item_results GROUP BY gate_id ORDER BY gate_id"
    ).rows
    assert counts == (("grown", 4), ("kept", 3))


def test_a_gate_that_cannot_be_read_leaves_the_file_as_it_was(
    tmp_path: Path, database: Path, fill: Fill
) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    before = rows(database)
    (folder.path / "journal-cand.jsonl").write_bytes(b"damage\nmore\n")
    with pytest.raises(StoreError, match=r"journal-cand.jsonl line 1 is damaged"):
        ingest(database, folder)
    assert rows(database) == before


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: [lines[0], b"damage\n", lines[1]], r"line 2 is damaged, not an item result"),
        (lambda lines: [lines[0], b"\n", lines[1]], r"line 2 is damaged, not an item result"),
        (lambda lines: [lines[0] * 2, lines[1]], r"line 2 is damaged, item 'i1' already stands on line 1"),
        (lambda lines: [*lines, lines[0]], r"line 4 is damaged, item 'i1' already stands on line 1"),
        (lambda lines: [lines[0][:-1] + lines[1], lines[2]], r"line 1 is damaged, not an item result"),
        (lambda lines: [lines[0].replace(b"cand", b"base"), *lines[1:]], r"holds item 'i1' of run 'base'"),
        (lambda lines: [lines[0].replace(b"0.5", b"1.5"), *lines[1:]], r"line 1 is damaged, .* 1.5"),
        (lambda lines: [lines[0].replace(b'"note"', b'"nota"')[:-2] + b"\n", *lines], r"line 1 is damaged"),
        (lambda lines: [lines[0].replace(b":120", b":3000000000"), *lines[1:]], r"holds a token count that"),
        (lambda lines: [lines[0].replace(b":120", b":1" + b"0" * 400)], r"holds a token count that"),
    ],
    ids=["junk", "blank", "twice", "late", "joined", "foreign", "score", "cut", "many", "countless"],
)
def test_a_damaged_journal_is_refused_and_the_file_stays_as_it_was(
    tmp_path: Path,
    database: Path,
    fill: Fill,
    damage: Callable[[list[bytes]], list[bytes]],
    message: str,
) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    before = rows(database)
    journal = folder.path / "journal-cand.jsonl"
    journal.write_bytes(b"".join(damage(journal.read_bytes().splitlines(keepends=True))))
    with pytest.raises(StoreError, match=message):
        ingest(database, folder)
    assert rows(database) == before


@pytest.mark.parametrize("torn", [b'{"run_id":"cand"', b"\n", b"not a result\n", b"\xff\n", b"\xff"])
def test_a_torn_last_line_is_passed_over(tmp_path: Path, database: Path, fill: Fill, torn: bytes) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    before = rows(database)
    with (folder.path / "journal-cand.jsonl").open("ab") as journal:
        journal.write(torn)
    ingest(database, folder)
    assert rows(database) == before


def test_a_journal_that_cannot_be_read_is_named(tmp_path: Path, database: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    journal = folder.path / "journal-cand.jsonl"
    journal.unlink()
    journal.mkdir()
    with pytest.raises(StoreError, match=r"journal-cand.jsonl could not be read"):
        ingest(database, folder)


def test_a_run_named_like_a_path_reaches_no_file_outside_its_gate(
    tmp_path: Path, database: Path, fill: Fill
) -> None:
    folder = fill(tmp_path, finished=False)
    (folder.path / "journal-x").mkdir()
    (tmp_path / "gates" / "secret.jsonl").write_bytes(b"")
    manifest = folder.path / "manifest.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"id": "cand"', '"id": "x/../../secret"'),
        encoding="utf-8",
    )
    with pytest.raises(StoreError, match=r"'x/../../secret' cannot name a file"):
        ingest(database, GateFolder.open(folder.path))


def test_a_rare_column_is_kept_however_late_it_first_has_a_value(
    tmp_path: Path, database: Path, manifest: GateManifest
) -> None:
    reply = Response(text="1", finish_reason=FinishReason.STOP, prompt_tokens=1, completion_tokens=1)
    failure = GenerationFailure(kind=FailureKind.TIMEOUT, message="late")
    count = 5000
    with GateFolder.create(tmp_path, manifest) as folder, folder.journal("cand") as journal:
        for place in range(count):
            outcome = failure if place == count - 1 else reply
            journal.append(ItemResult(run_id="cand", item_id=f"i{place}", cluster="c", outcome=outcome))
    ingest(database, folder)
    late = query(database, "SELECT item_id, failure_kind, text FROM item_results WHERE failure_kind NOT NULL")
    assert late.rows == ((f"i{count - 1}", "timeout", None),)
    assert query(database, "SELECT count(text), typeof(any_value(text)) FROM item_results").rows == (
        (count - 1, "VARCHAR"),
    )


def test_rebuilding_equals_ingesting_row_for_row(tmp_path: Path, database: Path, fill: Fill) -> None:
    for number in range(3):
        ingest(database, fill(tmp_path, gate_id=f"g{number}", finished=number > 0))
    ingested = rows(database)
    database.unlink()
    assert rebuild(tmp_path) == 3
    assert rows(database) == ingested
    assert [row[4] for row in rows(database)["gates"]] == [False, True, True]


def test_rebuilding_nothing_makes_an_empty_database(tmp_path: Path, database: Path) -> None:
    assert rebuild(tmp_path) == 0
    assert rows(database) == {table: [] for table in TABLES}


def test_rebuilding_leaves_neither_draft_nor_old_log(tmp_path: Path, database: Path, fill: Fill) -> None:
    fill(tmp_path)
    Path(f"{database}.wal").write_bytes(b"log of a dead file")
    rebuild(tmp_path)
    visible = {path.name for path in tmp_path.iterdir()} - {".weighbridge.duckdb.lock"}
    assert visible == {"gates", "weighbridge.duckdb"}


def test_a_failed_rebuild_keeps_the_old_file(tmp_path: Path, database: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    before = database.read_bytes()
    (folder.path / "journal-cand.jsonl").write_bytes(b"damage\nmore\n")
    with pytest.raises(StoreError, match=r"line 1 is damaged"):
        rebuild(tmp_path)
    assert database.read_bytes() == before
    assert not list(tmp_path.glob(".*draft*"))


@pytest.mark.parametrize("content", [b"", b"x", b"not a database" * 1000])
def test_a_foreign_file_is_named_and_rebuild_replaces_it(
    tmp_path: Path, database: Path, fill: Fill, content: bytes
) -> None:
    folder = fill(tmp_path)
    database.write_bytes(content)
    for use in (lambda: ingest(database, folder), lambda: query(database, "SELECT 1")):
        with pytest.raises(
            WarehouseError, match=r"is not a DuckDB database: move it .*weighbridge results rebuild"
        ):
            use()
    assert rebuild(tmp_path) == 1


def test_a_cut_off_file_is_named(tmp_path: Path, database: Path, fill: Fill) -> None:
    ingest(database, fill(tmp_path))
    database.write_bytes(database.read_bytes()[:5000])
    with pytest.raises(WarehouseError, match=r"could not be opened .*weighbridge results rebuild"):
        query(database, "SELECT 1")


def test_somebody_elses_duckdb_file_is_left_alone(tmp_path: Path, database: Path, fill: Fill) -> None:
    with duckdb.connect(str(database)) as theirs:
        theirs.execute("CREATE TABLE gates (mine INTEGER)")
    for use in (lambda: ingest(database, fill(tmp_path)), lambda: query(database, "SELECT 1")):
        with pytest.raises(WarehouseError, match=r"is not a weighbridge database"):
            use()


def test_a_newer_schema_says_upgrade_or_rebuild(tmp_path: Path, database: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    with duckdb.connect(str(database)) as other:
        other.execute("UPDATE schema_version SET version = 99")
    for use in (lambda: ingest(database, folder), lambda: query(database, "SELECT 1")):
        with pytest.raises(
            WarehouseError,
            match=r"schema version 99 and this program reads 4: run `pip install -U weighbridge`, "
            r"or run `weighbridge results rebuild`",
        ):
            use()


def test_a_file_without_a_version_is_named(tmp_path: Path, database: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    with duckdb.connect(str(database)) as other:
        other.execute("DELETE FROM schema_version")
    for use in (lambda: ingest(database, folder), lambda: query(database, "SELECT 1")):
        with pytest.raises(WarehouseError, match=r"names no schema version: move it away and run"):
            use()


def make_older(database: Path) -> None:
    """Turn the file into one of schema 1, as far as that had the same tables, with a row gone stale."""
    with duckdb.connect(str(database)) as older:
        older.execute("UPDATE schema_version SET version = 1")
        older.execute("DROP TABLE gate_notes")
        older.execute("ALTER TABLE verdicts DROP COLUMN against")
        older.execute("UPDATE item_results SET text = 'stale'")


def test_a_query_makes_a_file_of_an_older_schema_anew(tmp_path: Path, database: Path, fill: Fill) -> None:
    for name in ("g1", "g2"):
        ingest(database, fill(tmp_path, gate_id=name))
    wanted = rows(database)
    make_older(database)
    assert rows(database) == wanted
    assert not list(tmp_path.glob(".*draft*"))


def test_a_gate_put_into_a_file_of_an_older_schema_finds_the_others_there(
    tmp_path: Path, database: Path, fill: Fill
) -> None:
    for name in ("g1", "g2"):
        ingest(database, fill(tmp_path, gate_id=name))
    make_older(database)
    ingest(database, fill(tmp_path, gate_id="g3"))
    joined = rows(database)
    rebuild(tmp_path)
    assert rows(database) == joined
    assert [row[0] for row in joined["gates"]] == ["g1", "g2", "g3"]


def test_an_older_file_that_knows_gates_whose_folders_are_gone_is_kept(
    tmp_path: Path, database: Path, fill: Fill
) -> None:
    for name in ("g1", "g2"):
        ingest(database, fill(tmp_path, gate_id=name))
    make_older(database)
    (tmp_path / "gates" / "g1").rename(tmp_path / "elsewhere")
    before = database.read_bytes()
    kept = GateFolder.open(tmp_path / "gates" / "g2")
    for use in (lambda: ingest(database, kept), lambda: query(database, "SELECT 1")):
        with pytest.raises(
            WarehouseError, match=r"folders are gone, first 'g1': put them back under .*gates"
        ):
            use()
    assert database.read_bytes() == before
    assert rebuild(tmp_path) == 1
    assert query(database, "SELECT gate_id FROM gates").rows == (("g2",),)


def test_an_older_file_stays_when_a_gate_cannot_be_read(tmp_path: Path, database: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    make_older(database)
    before = database.read_bytes()
    (folder.path / "journal-cand.jsonl").write_bytes(b"damage\nmore\n")
    with pytest.raises(StoreError, match=r"line 1 is damaged"):
        query(database, "SELECT 1")
    assert database.read_bytes() == before


def test_a_file_held_by_another_program_says_so(tmp_path: Path, database: Path, fill: Fill) -> None:
    folder = fill(tmp_path)
    ingest(database, folder)
    holder = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        for use in (lambda: ingest(database, folder), lambda: query(database, "SELECT 1")):
            with pytest.raises(
                WarehouseError, match=r"is open in another program: close that one and try again"
            ):
                use()
        other.kill()


def test_a_program_killed_after_its_commit_loses_nothing(tmp_path: Path, database: Path, fill: Fill) -> None:
    ingest(database, fill(tmp_path))
    killed = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
        "c.execute('UPDATE gates SET attempt = 5'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(database)], check=False)
    assert Path(f"{database}.wal").exists()
    assert query(database, "SELECT attempt FROM gates").rows == ((5,),)
    ingest(database, GateFolder.open(tmp_path / "gates" / "20261122-abc"))
    assert query(database, "SELECT attempt FROM gates").rows == ((1,),)


def test_a_writer_that_does_not_end_is_not_waited_for_for_ever(
    tmp_path: Path, database: Path, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path)
    monkeypatch.setattr(warehouse, "_WAIT_S", 0.0)
    with (
        warehouse._one_writer(database),  # noqa: SLF001 - stands in for another process
        pytest.raises(WarehouseError, match=r"has been written by another weighbridge process"),
    ):
        ingest(database, folder)


def test_a_query_without_results_says_run_a_gate(database: Path) -> None:
    with pytest.raises(WarehouseError, match=r"there are no results at .*: run a gate first"):
        query(database, "SELECT 1")
    assert not database.exists()


def test_a_query_names_its_columns(tmp_path: Path, database: Path) -> None:
    rebuild(tmp_path)
    found = query(database, "SELECT 1 AS one, 'x' AS text UNION ALL SELECT 2, NULL ORDER BY one")
    assert found.columns == ("one", "text")
    assert found.rows == ((1, "x"), (2, None))


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", 'DuckDB refuses the query: Parser Error: syntax error at or near "SELEC"'),
        ("SELECT nope FROM gates", 'Binder Error: Referenced column "nope" not found'),
        ("DELETE FROM gates", "read-only mode"),
        ("COPY gates TO '{folder}/out.csv'", "disabled by configuration"),
        ("SELECT * FROM read_text('/etc/hostname')", "disabled by configuration"),
        ("FROM '/etc/hostname'", "DuckDB refuses the query"),
        ("ATTACH '{folder}/other.duckdb'", "disabled by configuration"),
        ("SET enable_external_access = true", "locked"),
        ("INSTALL httpfs", "disabled by configuration"),
        ("", "the query is empty: write one SELECT statement"),
        ("-- nothing", "the query is empty"),
    ],
)
def test_a_query_can_neither_write_nor_leave_the_file(
    tmp_path: Path, database: Path, sql: str, message: str
) -> None:
    rebuild(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(WarehouseError, match=re.escape(message)) as refused:
        query(database, sql.format(folder=tmp_path))
    assert "\n" not in str(refused.value)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_python_variables_are_out_of_a_query_s_reach(tmp_path: Path, database: Path) -> None:
    rebuild(tmp_path)
    with duckdb.connect() as other:
        secret = other.sql("SELECT 42")
        with pytest.raises(WarehouseError, match=r"secret"):
            query(database, "FROM secret")
        assert secret.fetchall() == [(42,)]


@pytest.mark.parametrize(
    "text",
    ["\x1b[31m\x00\u202e'; DROP TABLE gates; --", "x" * 1_000_000, "", "\ud800"],
    ids=["control", "long", "empty", "surrogate"],
)
def test_hostile_replies_reach_the_warehouse_unharmed(
    tmp_path: Path, database: Path, manifest: GateManifest, text: str
) -> None:
    reply = Response(text=text, finish_reason=FinishReason.STOP, prompt_tokens=1, completion_tokens=1)
    with GateFolder.create(tmp_path, manifest) as folder, folder.journal("cand") as journal:
        journal.append(ItemResult(run_id="cand", item_id="i1", cluster="c", outcome=reply))
    ingest(database, folder)
    assert query(database, "SELECT text FROM item_results").rows == ((text.replace("\ud800", "\ufffd"),),)
