"""Serves the reading page on the loopback until the reader has finished."""

import secrets
import socket
from collections.abc import Callable

from harness import PortTaken, ServingError
from reports.review.app import review_app
from reports.review.desk import Desk


def read_in_browser(desk: Desk, *, port: int, announce: Callable[[str], None]) -> bool:
    """Serve the page until every card is marked and the reader says so; return whether that came.

    `port` 0 takes any free one.  `announce` is told the address, which holds a token: whoever
    has it may read and mark.  Raises `PortTaken`, `ServingError` where the web server is not
    installed, and `KeyboardInterrupt` on Ctrl-C.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise ServingError(
            "the page needs starlette and uvicorn: pip install 'weighbridge[review]', or read with --terminal"
        ) from error
    token = secrets.token_urlsafe(24)
    finished: list[bool] = []

    def finish() -> None:
        finished.append(True)
        server.should_exit = True

    app = review_app(desk, token=token, finish=finish)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )
    with _listening(port) as listener:
        announce(f"http://127.0.0.1:{listener.getsockname()[1]}/{token}/")
        server.run(sockets=[listener])
    return bool(finished)


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"port {port} cannot be used ({error.strerror}): give --port another number, or leave it out"
        ) from error
    return listener
