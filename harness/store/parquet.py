"""Views of the warehouse as Parquet files, for whoever looks at them with other tools."""

from collections.abc import Sequence
from pathlib import Path

from harness.errors import WarehouseError
from harness.store.duckdb_file import first_line
from harness.store.warehouse import query


def write_parquet(database: Path, sql: str, parameters: Sequence[object], path: Path) -> int:
    """Leave what `sql` finds at `path` as Parquet, whole or not at all; return how many rows there are.

    The database is read as `query` reads it and is never opened by a connection that may write
    files.  Raises `WarehouseError` as `query` does, and where the file cannot be written.
    """
    import duckdb

    if path.exists() and not path.is_file():
        raise WarehouseError(f"{path} is not a file: name one that Parquet can be written to")
    found = query(database, sql, parameters)
    types = {
        row["column_name"]: row["column_type"]
        for row in query(database, f"DESCRIBE {sql}", parameters).named()
    }
    named = ", ".join(f'unnest(?::{types[name]}[]) AS "{name}"' for name in found.columns)
    columns = [list(column) for column in zip(*found.rows, strict=True)] or [[] for _ in found.columns]
    draft = path.with_name(f".{path.name}.draft")
    target = str(draft).replace("'", "''")
    try:
        with duckdb.connect() as connection:
            connection.execute(f"COPY (SELECT {named}) TO '{target}' (FORMAT parquet)", columns)
        draft.replace(path)
    except (duckdb.Error, OSError) as error:
        draft.unlink(missing_ok=True)
        raise WarehouseError(
            f"{path} could not be written ({first_line(error)}): name a file in a folder that can be written"
        ) from error
    return len(found.rows)
