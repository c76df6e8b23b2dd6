"""The reading page as an application: who may ask what, and how it is answered."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reports.review.app import HEADERS, review_app
from reports.review.desk import EXAMPLES, Card, Opinion

TOKEN = "a-token"
HOSTILE = "<script>x</script>\x1b[31m\u202e"


class ADesk:
    reviewer = "Ada"
    title = "data.jsonl"
    form = EXAMPLES

    def __init__(self, refuse: OSError | None = None) -> None:
        self.cards = tuple(
            Card(id=f"e{n}", turns=(("user", "Q"), ("assistant", HOSTILE)), source="s") for n in range(2)
        )
        self.opinions: dict[str, Opinion] = {}
        self._refuse = refuse

    def mark(self, card_id: str, opinion: Opinion) -> None:
        if self._refuse is not None:
            raise self._refuse
        self.opinions[card_id] = opinion


def ask(
    desk: ADesk,
    path: str,
    body: bytes | None = None,
    *,
    host: bytes = b"127.0.0.1:80",
    finish: Callable[[], None] = lambda: None,
) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of a GET, or of a POST of `body`."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET" if body is None else "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", host)],
    }
    asyncio.run(review_app(desk, token=TOKEN, finish=finish)(scope, receive, send))  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:])


@pytest.mark.parametrize("name", ["", "page.css", "page.js", "icon.svg", "cards"])
def test_everything_the_page_needs_is_there_with_its_guards(name: str) -> None:
    status, headers, body = ask(ADesk(), f"/{TOKEN}/{name}")
    assert status == 200
    assert body
    assert all(headers[key.lower()] == value for key, value in HEADERS.items())
    assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/cards", "/wrong/cards", f"/{TOKEN}x/", f"/{TOKEN}/page.html"])
def test_nothing_is_told_without_the_token_or_the_right_name(path: str) -> None:
    status, _, body = ask(ADesk(), path)
    assert status == 404
    assert b"Ada" not in body


def test_a_page_of_another_name_that_points_here_is_refused() -> None:
    assert ask(ADesk(), f"/{TOKEN}/cards", host=b"evil.example")[0] == 400


def test_what_a_model_wrote_goes_out_with_its_control_characters_made_visible() -> None:
    _, headers, body = ask(ADesk(), f"/{TOKEN}/cards")
    assert headers["content-type"] == "application/json"
    turns = json.loads(body)["cards"][0]["turns"]
    assert turns[1] == ["assistant", "<script>x</script>\\u001b[31m\\u202e"]


def test_a_mark_is_kept_and_the_end_is_told_once_all_are_marked() -> None:
    desk, finished = ADesk(), []
    mark = json.dumps({"id": "e0", "choice": "reject", "note": "why", "seconds": 2.5}).encode()
    assert ask(desk, f"/{TOKEN}/marks", mark)[0] == 200
    assert desk.opinions == {"e0": Opinion(choice="reject", note="why", seconds=2.5)}
    assert ask(desk, f"/{TOKEN}/finish", b"{}", finish=lambda: finished.append(1))[0] == 409
    ask(desk, f"/{TOKEN}/marks", mark.replace(b"e0", b"e1"))
    assert ask(desk, f"/{TOKEN}/finish", b"{}", finish=lambda: finished.append(1))[0] == 200
    assert finished == [1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"id":"e0"}', 400),
        (b'{"id":"e0","choice":1}', 400),
        (b'{"id":"e0","choice":"only-a"}', 400),
        (b'{"id":"e0","choice":"accept","note":3}', 400),
        (b'{"id":"e0","choice":"accept","seconds":-1}', 400),
        (b'{"id":"e0","choice":"accept","seconds":NaN}', 400),
        (b'{"id":"e9","choice":"accept"}', 404),
        (b"[" * 70_000, 400),
    ],
)
def test_a_mark_that_is_none_is_refused(body: bytes, status: int) -> None:
    desk = ADesk()
    assert ask(desk, f"/{TOKEN}/marks", body)[0] == status
    assert desk.opinions == {}


def test_a_mark_that_cannot_be_written_is_said_to_be_lost() -> None:
    desk = ADesk(refuse=OSError(28, "No space left on device"))
    status, _, body = ask(desk, f"/{TOKEN}/marks", b'{"id":"e0","choice":"accept"}')
    assert status == 507
    assert b"No space left on device" in body


def test_the_form_tells_the_page_what_can_be_said_and_by_which_rubric() -> None:
    desk = ADesk()
    desk.form = replace(EXAMPLES, rubric=HOSTILE)
    read = json.loads(ask(desk, f"/{TOKEN}/cards")[2])
    assert [choice["value"] for choice in read["choices"]] == ["reject", "accept"]
    assert (read["noun"], read["rubric"]) == ("example", "<script>x</script>\\u001b[31m\\u202e")


def test_a_reply_of_a_megabyte_is_cut_and_its_length_told() -> None:
    desk = ADesk()
    desk.cards = (Card(id="e0", turns=(("Question", "Q"),), replies=(("Reply A", "x" * 1_000_000),)),)
    (reply,) = json.loads(ask(desk, f"/{TOKEN}/cards")[2])["cards"][0]["replies"]
    assert reply[1].endswith("… (950000 characters more)")
