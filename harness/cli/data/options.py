"""Options that the steps share."""

from pathlib import Path
from typing import Annotated

import typer

STOPPED = "stopped; nothing was written"

File = Annotated[
    str,
    typer.Argument(help="JSON lines, a json, csv or parquet table, a saved datasets folder, or a hub id."),
]
Out = Annotated[Path, typer.Option(help="File of JSON lines to write; its manifest is written beside it.")]
Task = Annotated[
    str | None,
    typer.Option(help="Task that words rows with inputs; without it the one in the file's manifest."),
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")]
