"""The reading page as a web application: everything under a path that nobody can guess.

It answers on the loopback and under its own host names only, so that a page elsewhere can
neither read nor mark; whatever a model wrote is sent as data and shown as text.
"""

import json
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
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
_LONGEST_LOOK_S = 3_600.0


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
                "turns": _texts(card.turns),
                "replies": _texts(card.replies),
                "choice": opinions[card.id].choice if card.id in opinions else None,
                "note": opinions[card.id].note if card.id in opinions else "",
            }
            for card in self._desk.cards
        ]
        form = self._desk.form
        head = {
            "reviewer": harmless(self._desk.reviewer),
            "title": harmless(self._desk.title),
            "noun": form.noun,
            "rubric": harmless(form.rubric, longest=_LONGEST_TEXT),
            "choices": [asdict(choice) for choice in form.choices],
        }
        return JSONResponse({**head, "cards": listed})

    async def mark(self, request: "Request") -> "Response":
        from starlette.responses import JSONResponse

        try:
            card_id, opinion = _opinion(await _body(request))
        except (ValueError, LookupError, TypeError, RecursionError):
            return _refused(400, "a mark has an id, a choice, a note and seconds")
        if opinion.choice not in {choice.value for choice in self._desk.form.choices}:
            return _refused(400, "no such choice")
        if card_id not in {card.id for card in self._desk.cards}:
            return _refused(404, f"no such {self._desk.form.noun}")
        try:
            self._desk.mark(card_id, opinion)
        except OSError as error:
            return _refused(507, f"the mark could not be written ({error.strerror})")
        return JSONResponse({"marked": len(self._desk.opinions)})

    async def finish(self, _request: "Request") -> "Response":
        from starlette.background import BackgroundTask
        from starlette.responses import JSONResponse

        if any(card.id not in self._desk.opinions for card in self._desk.cards):
            return _refused(409, f"some {self._desk.form.noun}s are not marked yet")
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
    card_id, choice, note = fields["id"], fields["choice"], fields.get("note", "")
    if not all(isinstance(each, str) for each in (card_id, choice, note)):
        raise TypeError("fields of other types")
    seconds = float(fields.get("seconds", 0.0))
    if not (math.isfinite(seconds) and seconds >= 0.0):
        raise ValueError("no span of time")
    return card_id, Opinion(choice=choice, note=note, seconds=min(seconds, _LONGEST_LOOK_S))


def _texts(parts: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [[role, harmless(text, longest=_LONGEST_TEXT)] for role, text in parts]


def _refused(status: int, message: str) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse({"error": message}, status_code=status)
