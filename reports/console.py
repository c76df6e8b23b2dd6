"""Where tables are printed: wide as a terminal or a line of a log; what is too long is folded, never cut."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

LOG_COLUMNS = 140
"""Width where there is no terminal to ask."""


def wide_console() -> "Console":
    """Return the console on standard output."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=LOG_COLUMNS)


def plain_table(columns: Sequence[str], *, right: Collection[str] = ()) -> "Table":
    """Return an empty table without lines, whose columns named in `right` hold numbers."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(Text(name), justify="right" if name in right else "left", overflow="fold")
    return table
