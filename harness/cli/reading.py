"""Where a person reads: on a page of their browser, or here in the terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.review.desk import Desk


def read_here(desk: "Desk") -> bool:
    """Read in this terminal; return whether all is marked."""
    from reports.review.terminal import read_in_terminal

    return read_in_terminal(desk, ask=input, say=print)


def read_on_page(desk: "Desk", port: int) -> bool:
    """Print the address of a page on the loopback and wait for its reader; return whether all is marked."""
    from reports.review.server import read_in_browser

    def announce(address: str) -> None:
        print(f"read here: {address}\nCtrl-C stops; marks are kept", flush=True)

    return read_in_browser(desk, port=port, announce=announce)
