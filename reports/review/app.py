"""The reading page as a web application: everything under a path that nobody can guess.

It answers on the loopback and under its own host names only, so that a page elsewhere can
neither read nor mark; whatever a model wrote is sent as data and shown as text.
"""

import json
from collections.abc import Awaitable, Callable
from importlib.resources import files
from secrets import compare_digest
from typing import TYPE_CHECKING, Any

from reports.plain_text import harmless
from reports.review.desk import Desk, Opinion

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_PAGE = {
    "": ("page.html", "text/html"),
    "page.css": ("page.css", "text/css"),
    "page.js": ("page.js", "text/javascript"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
}
_LONGEST_TEXT = 50_000
_LONGEST_BODY = 64 << 10


def review_app(desk: Desk, *, token: str, finish: Callable[[], None]) -> "Starlette":
    """Return the application; `finish` is called once every card is marked and the reader says so."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Route

    desk_routes = _Routes(desk, token, finish)
    app = Starlette(
        routes=[
            Route("/{token}/cards", desk_routes.guarded(desk_routes.cards), methods=["GET"]),
            Route("/{token}/marks", desk_routes.guarded(desk_routes.mark), methods=["POST"]),
            Route("/{token}/finish", desk_routes.guarded(desk_routes.finish), methods=["POST"]),
            Route("/{token}/{name:path}", desk_routes.guarded(desk_routes.page), methods=["GET"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )
    app.router.redirect_slashes = False
    return app


class _Routes:
    def __init__(self, desk: Desk, token: str, finish: Callable[[], None]) -> None:
        self._desk = desk
        self._token = token
        self._finish = finish

    def guarded(
        self, answer: Callable[["Request"], "Awaitable[Response]"]
    ) -> Callable[["Request"], "Awaitable[Response]"]:
        """Wrap an answer so that it is given under the token only, and never without its headers."""

        async def answered(request: "Request") -> "Response":
            given = request.path_params["token"].encode("utf-8", "replace")
            if compare_digest(given, self._token.encode()):
                response = await answer(request)
            else:
                response = _refused(404, "there is nothing here")
            response.headers.update(HEADERS)
            return response

        return answered

    async def page(self, request: "Request") -> "Response":
        from starlette.responses import Response

        if request.path_params["name"] not in _PAGE:
            return _refused(404, "there is nothing here")
        name, kind = _PAGE[request.path_params["name"]]
        return Response(files("reports.review").joinpath(name).read_bytes(), media_type=kind)

    async def cards(self, _request: "Request") -> "Response":
        from starlette.responses import JSONResponse

        opinions = self._desk.opinions
        listed = [
            {
                "id": card.id,
                "shown_id": harmless(card.id),
                "source": harmless(card.source),
                "tags": [harmless(tag) for tag in card.tags],
                "turns": [[role, harmless(text, longest=_LONGEST_TEXT)] for role, text in card.turns],
                "accepted": opinions[card.id].accepted if card.id in opinions else None,
                "note": opinions[card.id].note if card.id in opinions else "",
            }
            for card in self._desk.cards
        ]
        head = {"reviewer": harmless(self._desk.reviewer), "title": harmless(self._desk.title)}
        return JSONResponse({**head, "cards": listed})

    async def mark(self, request: "Request") -> "Response":
        from starlette.responses import JSONResponse

        try:
            card_id, opinion = _opinion(await _body(request))
        except (ValueError, LookupError, TypeError, RecursionError):
            return _refused(400, "a mark has an id, accepted and a note")
        if card_id not in {card.id for card in self._desk.cards}:
            return _refused(404, "no such example")
        try:
            self._desk.mark(card_id, opinion)
        except OSError as error:
            return _refused(507, f"the mark could not be written ({error.strerror})")
        return JSONResponse({"marked": len(self._desk.opinions)})

    async def finish(self, _request: "Request") -> "Response":
        from starlette.background import BackgroundTask
        from starlette.responses import JSONResponse

        if any(card.id not in self._desk.opinions for card in self._desk.cards):
            return _refused(409, "some examples are not marked yet")
        return JSONResponse({"finished": True}, background=BackgroundTask(self._finish))


async def _body(request: "Request") -> bytes:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _LONGEST_BODY:
            raise ValueError("too long")
    return content


def _opinion(body: bytes) -> tuple[str, Opinion]:
    fields: dict[str, Any] = json.loads(body)
    card_id, accepted, note = fields["id"], fields["accepted"], fields.get("note", "")
    if not (isinstance(card_id, str) and isinstance(accepted, bool) and isinstance(note, str)):
        raise TypeError("fields of other types")
    return card_id, Opinion(accepted=accepted, note=note)


def _refused(status: int, message: str) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse({"error": message}, status_code=status)
