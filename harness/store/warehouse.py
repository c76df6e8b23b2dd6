"""The DuckDB file that reports and users query; derived from the gate folders, never the truth."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import WarehouseError
from harness.store.columns import Columns
from harness.store.duckdb_file import REBUILD, first_line, opened, transaction
from harness.store.gate_folder import GateFolder, find_gates
from harness.store.lock import held
from harness.store.rows import Row, batches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA_VERSION = 4
"""Raised whenever schema.sql changes."""

_WAIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """What a query found: column names, and rows of values in that order."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def named(self) -> Sequence[dict[str, Any]]:
        """The rows with their columns' names."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def ingest(database: Path, folder: GateFolder) -> None:
    """Put the gate into the DuckDB file, in place of what stood there of it, or change nothing.

    Makes the file when absent, and anew from the gates beside it when its schema is older.
    Raises `WarehouseError` when the file is locked, foreign or of a newer schema, and
    `StoreError` when a gate cannot be read.
    """
    with _one_writer(database):
        if not _ingested(database, folder):
            _renew(database)
            _ingested(database, folder)


def rebuild(results: Path) -> int:
    """Make `weighbridge.duckdb` anew from every gate under `results`; return how many there are.

    The old file stays until the new one is whole.  Unfinished gates are listed as not complete.
    """
    database = results / "weighbridge.duckdb"
    gates = find_gates(results)
    with _one_writer(database):
        _make(database, gates)
    return len(gates)


def query(database: Path, sql: str, parameters: Sequence[object] = ()) -> QueryResult:
    """Return what `sql` finds with a value for each `?`; it can change neither the file nor touch any other.

    A file of an older schema is first made anew from the gates beside it.  Raises
    `WarehouseError` with DuckDB's first line for a statement it refuses.
    """
    if not database.is_file():
        raise WarehouseError(f"there are no results at {database}: run a gate first, or {REBUILD}")
    found = _found(database, sql, parameters)
    if found is not None:
        return found
    with _one_writer(database):
        _renew(database)
    return query(database, sql, parameters)


def _ingested(database: Path, folder: GateFolder) -> bool:
    """Put the gate in its place, or return False where the tables are older than this program."""
    with opened(database) as connection:
        if not _tables(connection):
            _lay_tables(connection)
        if _is_older(connection, database):
            return False
        _put(connection, folder)
    return True


def _found(database: Path, sql: str, parameters: Sequence[object]) -> QueryResult | None:
    """Return the answer, None where the tables are older than this program."""
    from duckdb import Error

    with opened(database, read_only=True) as connection:
        if _is_older(connection, database):
            return None
        try:
            cursor = connection.execute(sql, list(parameters) or None)
            description = getattr(cursor, "description", None)  # an empty statement gives no cursor
            if description is None:
                raise WarehouseError("the query is empty: write one SELECT statement")
            return QueryResult(columns=tuple(name for name, *_ in description), rows=tuple(cursor.fetchall()))
        except Error as error:
            raise WarehouseError(f"DuckDB refuses the query: {first_line(error)}") from error


def _renew(database: Path) -> None:
    """Make the file anew from the gates beside it, unless it knows of some that are no longer there."""
    gates = find_gates(database.parent)
    with opened(database, read_only=True) as connection:
        known = {name for (name,) in connection.execute("SELECT gate_id FROM gates").fetchall()}
    gone = sorted(known - {gate.manifest.gate_id for gate in gates})
    if gone:
        raise WarehouseError(
            f"{database} has an older schema and gates whose folders are gone, first {gone[0]!r}: put them "
            f"back under {database.parent / 'gates'}, or {REBUILD} to do without them"
        )
    _make(database, gates)


def _make(database: Path, gates: Sequence[GateFolder]) -> None:
    """Replace the file by one that holds `gates` and nothing else; the old one stays until it is whole."""
    draft = database.with_name(".weighbridge.duckdb.draft")
    _remove(draft)
    try:
        _fill(draft, gates)
        _replace(draft, database)
    finally:
        _remove(draft)


def _fill(draft: Path, gates: Sequence[GateFolder]) -> None:
    with opened(draft) as connection:
        _lay_tables(connection)
        for gate in gates:
            with transaction(connection):
                _add(connection, gate)


def _put(connection: "DuckDBPyConnection", folder: GateFolder) -> None:
    """Swap the gate's rows in one transaction."""
    with transaction(connection):
        for table in _tables(connection):
            if table != "schema_version":
                connection.execute(f"DELETE FROM {table} WHERE gate_id = ?", [folder.manifest.gate_id])  # noqa: S608 - a name of our own
        _add(connection, folder)


def _add(connection: "DuckDBPyConnection", folder: GateFolder) -> None:
    for batch in batches(folder):
        if isinstance(batch, Columns):
            _append(connection, batch)
        else:
            _insert(connection, *batch)


def _append(connection: "DuckDBPyConnection", columns: Columns) -> None:
    """Let DuckDB read the arrays where they lie; hostile text stays a value."""
    connection.register("recorded", dict(columns.arrays))
    same = "".join(f"?::VARCHAR AS {name}, " for name in columns.same)
    connection.execute(
        f"INSERT INTO {columns.table} BY NAME SELECT {same}* FROM recorded",  # noqa: S608 - names of our own
        list(columns.same.values()),
    )
    connection.unregister("recorded")


def _insert(connection: "DuckDBPyConnection", table: str, rows: Sequence[Row]) -> None:
    """Hand over rows of mixed types, a list per column: `executemany` takes 2.5 ms a row."""
    if not rows:
        return
    types = connection.execute(
        "SELECT data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", [table]
    ).fetchall()
    columns = ", ".join(f"unnest(?::{kind}[])" for (kind,) in types)
    connection.execute(
        f"INSERT INTO {table} SELECT {columns}", [list(column) for column in zip(*rows, strict=True)]
    )


def _lay_tables(connection: "DuckDBPyConnection") -> None:
    with transaction(connection):
        connection.execute(files("harness.store").joinpath("schema.sql").read_text(encoding="utf-8"))
        connection.execute("INSERT INTO schema_version VALUES (?)", [SCHEMA_VERSION])


def _is_older(connection: "DuckDBPyConnection", database: Path) -> bool:
    """Return whether the tables are older than this program; refuse newer ones and those of others."""
    if "schema_version" not in _tables(connection):
        raise WarehouseError(f"{database} is not a weighbridge database: move it away and {REBUILD}")
    row = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    version = row[0] if row else None
    if version is None:
        raise WarehouseError(f"{database} names no schema version: move it away and {REBUILD}")
    if version > SCHEMA_VERSION:
        raise WarehouseError(
            f"{database} has schema version {version} and this program reads {SCHEMA_VERSION}: run `pip "
            f"install -U weighbridge`, or {REBUILD}"
        )
    return bool(version < SCHEMA_VERSION)


def _tables(connection: "DuckDBPyConnection") -> tuple[str, ...]:
    return tuple(name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall())


def _one_writer(database: Path) -> AbstractContextManager[None]:
    return held(
        database.with_name(".weighbridge.duckdb.lock"),
        wait_s=_WAIT_S,
        busy=WarehouseError(
            f"{database} has been written by another weighbridge process for {_WAIT_S:.0f} s: wait for it to "
            f"end, then {REBUILD}"
        ),
    )


def _replace(draft: Path, database: Path) -> None:
    """Put the draft in place; a write-ahead log left of the old file must not run on the new one."""
    try:
        Path(f"{database}.wal").unlink(missing_ok=True)
        draft.replace(database)
    except OSError as error:
        raise WarehouseError(
            f"{database} could not be replaced ({error.strerror}): make its folder writable and {REBUILD}"
        ) from error


def _remove(draft: Path) -> None:
    for path in (draft, Path(f"{draft}.wal")):
        path.unlink(missing_ok=True)
