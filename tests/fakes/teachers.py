"""Teachers and critics of support tickets: good, careless, hopeless and hostile ones."""

import hashlib
import json

from tests.fakes.openai_replies import FakeModel, Messages

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"

_CATEGORIES = ("refund", "delivery", "setup", "damaged")
_WRITES, _JUDGES = "You write inputs", "You judge examples"


def careful(*, delay_s: float = 0.0) -> FakeModel:
    """Return a teacher whose questions are all new and whose replies are all valid."""
    return FakeModel(reply=lambda chat: _careful(chat, ""), delay_s=delay_s)


def careless(*, delay_s: float = 0.0) -> FakeModel:
    """Return one that repeats itself, breaks the schema, writes prose and fences, each now and then."""
    return FakeModel(reply=_careless, delay_s=delay_s)


def hopeless() -> FakeModel:
    """Return one that answers everything in hostile prose."""
    return FakeModel(reply=lambda _chat: f"Sure! {HOSTILE}")


def fickle() -> FakeModel:
    """Return a teacher that never says the same of a ticket twice."""
    asked: dict[str, int] = {}

    def reply(chat: Messages) -> str:
        said = json.dumps(chat)
        asked[said] = asked.get(said, 0) + 1
        return _careful(chat, str(asked[said]))

    return FakeModel(reply=reply)


def hostile() -> FakeModel:
    """Return a teacher whose tickets hold what a page or a terminal must not obey."""

    def reply(chat: Messages) -> str:
        said = _careful(chat, "")
        if not chat[0]["content"].startswith(_WRITES):
            return said
        return json.dumps({"message": json.loads(said)["message"] + HOSTILE})

    return FakeModel(reply=reply)


def _careful(chat: Messages, salt: str) -> str:
    system, asked = chat[0]["content"], chat[-1]["content"]
    if system.startswith(_WRITES):
        return json.dumps({"message": f"my lamp {_draw(asked) % 10**9} does not work"})
    if system.startswith(_JUDGES):
        return json.dumps({"reason": f"fine {HOSTILE}", "score": 1 + _draw(asked) % 10})
    return _ticket(_CATEGORIES[_draw(asked + salt) % 4], order=_draw(asked + salt) % 90_000 + 10_000)


def _careless(chat: Messages) -> str:
    system, asked = chat[0]["content"], chat[-1]["content"]
    luck = _draw(f"luck {asked}") % 10
    said = _careful(chat, "")
    if system.startswith(_WRITES):
        return {0: "Of course!", 1: '{"message": "the same again"}', 2: f"```json\n{said}\n```"}.get(
            luck, said
        )
    if system.startswith(_JUDGES):
        return "ten" if luck == 0 else said
    return {0: said[:-3], 1: _ticket("nonsense", order=12345), 2: f"```\n{said}\n```"}.get(luck, said)


def _ticket(category: str, *, order: int) -> str:
    fields = {"category": category, "priority": "normal", "product": "lamp", "order_id": f"AB-{order}"}
    return json.dumps(fields)


def _draw(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
