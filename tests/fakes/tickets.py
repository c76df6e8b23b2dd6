"""Models that know the answers of the tickets task and of a probe, and worse ones."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from harness.config.task_folder import load_task
from harness.domain.task import Json, Task
from harness.prompting.neutralise import neutralise
from suites.probes import load_probe
from tests.fakes.openai_replies import FakeModel, Messages

REPOSITORY = Path(__file__).parents[2]
TICKETS = REPOSITORY / "suites" / "tasks" / "tickets"
PROBE = "sciq"

_LIKELY, _UNLIKELY, _UNHEARD_OF = -0.1, -3.0, -9.0


@cache
def tickets() -> Task:
    """Return the task, loaded once."""
    return load_task(TICKETS)


@cache
def _right_replies() -> Mapping[str, Json]:
    return {neutralise(tickets().ask(item.inputs)): item.reference for item in tickets().items}


@cache
def _right_prompts() -> frozenset[str]:
    probe = load_probe(PROBE, items=None, seed=0)
    return frozenset(item.context + item.continuations[item.gold] for item in probe.items)


def good() -> FakeModel:
    """Return a model that is always right."""
    return FakeModel(reply=lambda chat: json.dumps(_right_replies()[_asked(chat)]), logprob=_knows)


def slowly(model: FakeModel, *, delay_s: float) -> FakeModel:
    """Return a model that says the same after `delay_s` seconds."""
    return replace(model, delay_s=delay_s)


def bad() -> FakeModel:
    """Return a model that has half of the fields wrong, and half of the choices, on half of the items."""
    return FakeModel(reply=_wrong_where(lambda text: _share(text, "bad") < 0.5), logprob=_forgot_half)


def hazy(salt: str) -> FakeModel:
    """Return a model that is wrong on a third of the items; which third, `salt` decides."""
    return FakeModel(reply=_wrong_where(lambda text: _share(text, salt) < 1 / 3), logprob=_knows)


def forgetful() -> FakeModel:
    """Return a model that is always right in its replies, and has forgotten half of the choices."""
    return replace(good(), logprob=_forgot_half)


def chatty() -> FakeModel:
    """Return a model that answers in prose, with escape codes, where JSON was asked for."""
    return FakeModel(reply=lambda _chat: "Sure!\x1b[31m The \u202eanswer\x07 is below", logprob=_knows)


def _wrong_where(is_wrong: Callable[[str], bool]) -> Callable[[Messages], str]:
    def reply(chat: Messages) -> str:
        right = _right_replies()[_asked(chat)]
        return json.dumps(_spoilt(right) if is_wrong(_asked(chat)) else right)

    return reply


def _spoilt(right: Json) -> Json:
    """The same reply with two of its four fields wrong, valid all the same."""
    if not isinstance(right, dict):
        raise TypeError(f"a ticket's reference is an object, not {right!r}")
    return right | {
        "priority": "low" if right["priority"] != "low" else "high",
        "product": "lamp" if right["product"] != "lamp" else "hub",
    }


def _asked(chat: Messages) -> str:
    return chat[-1]["content"]


def _knows(prompt: str, _token: str) -> float:
    return _LIKELY if prompt in _right_prompts() else _UNLIKELY


def _forgot_half(prompt: str, _token: str) -> float:
    if prompt not in _right_prompts():
        return _UNLIKELY
    return _UNHEARD_OF if _share(prompt, "forgot") < 0.5 else _LIKELY


def _share(text: str, salt: str) -> float:
    """A number in [0, 1) that depends on nothing but the text and the salt."""
    return int.from_bytes(hashlib.sha256(f"{salt}/{text}".encode()).digest()[:4], "big") / 2**32
