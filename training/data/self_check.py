"""Whether what a teacher wrote can be used: a question of the right shape, a reply that is right.

A scorer that needs no reference marks the reply itself; where it needs one, the teacher is
asked twice and has to say the same.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from harness import Inputs, Item, Json, SchemaValidator, Task, parse_reply
from training.data.input_shape import input_shape
from training.data.teaching import CRITIC_SCHEMA
from training.shingles import normalised

_FENCE = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_GOLD_TRIED = 20
_GOOD = 0.5


class Unfit(Exception):
    """Something that cannot be used: the check it failed and why."""

    def __init__(self, check: str, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.check = check


class SelfCheck:
    """The checks of one task, prepared once."""

    def __init__(self, task: Task, *, min_score: float) -> None:
        """Learn the shape of inputs and whether the scorer needs a reference, both from gold examples."""
        self._task = task
        self._min_score = min_score
        self.shape: Mapping[str, Json] = (
            input_shape([each.inputs for each in task.gold]) if task.gold else {"type": "object"}
        )
        self.scores_alone = _scores_alone(task)
        self._shape_check = SchemaValidator(self.shape)
        self._reply_check = SchemaValidator(task.schema)
        self._critic_check = SchemaValidator(CRITIC_SCHEMA)
        self._compact = all(_compact(parse_reply(each.output)) == each.output for each in task.gold)
        self._asked = {normalised(task.ask(each.inputs)) for each in task.items}
        self._known = {normalised(task.ask(each.inputs)) for each in task.gold}

    def inputs(self, text: str) -> Inputs:
        """Return the inputs that a teacher wrote; raise `Unfit` for what are none or not new."""
        found = _parsed("question", text)
        problem = self._shape_check.validity(_compact(found))
        if not problem.value or not isinstance(found, dict):
            raise Unfit("question", problem.note or "no JSON object")
        if self.question(found) in self._known:
            raise Unfit("question", "a gold example of the task asks the same")
        return self.given(found)

    def given(self, inputs: Inputs) -> Inputs:
        """Return the inputs of a question that somebody had; raise `Unfit` for that of an item."""
        if self.question(inputs) in self._asked:
            raise Unfit("question", "an item of the task asks the same, and items are never trained on")
        return inputs

    def question(self, inputs: Inputs) -> tuple[str, ...]:
        """Return the words of a question, by which it is told from others; raise `Unfit` for no words."""
        try:
            words = normalised(self._task.ask(inputs))
        except Exception as error:  # a task's code may raise anything on inputs it never saw
            raise Unfit("question", f"ask() raised {type(error).__name__}: {error}") from error
        if not words:
            raise Unfit("question", "it asks nothing")
        return words

    def reply(self, inputs: Inputs, text: str) -> tuple[str, float | None]:
        """Return a reply as it is to be learnt, and its score where the scorer needs no reference.

        Raises `Unfit` for one that the schema refuses or that scores too low.
        """
        value = _parsed("schema", text)
        written = _compact(value) if self._compact else _unfenced(text)
        validity = self._reply_check.validity(written)
        if not validity.value:
            raise Unfit("schema", validity.note)
        return written, self._score(inputs, written) if self.scores_alone else None

    def agree(self, one: str, other: str) -> None:
        """Raise `Unfit` unless both replies are the same JSON value."""
        if _sorted(_parsed("agreement", one)) != _sorted(_parsed("agreement", other)):
            raise Unfit("agreement", f"asked again, the teacher says {_unfenced(other)[:200]}")

    def verdict(self, text: str) -> tuple[int, str]:
        """Return a critic's score from 1 to 10 and its reason; raise `Unfit` for anything else."""
        found: Any = _parsed("critic", text)
        validity = self._critic_check.validity(_compact(found))
        if not validity.value:
            raise Unfit("critic", f"the critic gave no verdict: {validity.note}")
        return int(found["score"]), str(found["reason"])

    def _score(self, inputs: Inputs, reply: str) -> float:
        try:
            score = self._task.score(Item(id="synthetic", cluster="synthetic", inputs=inputs), reply)
        except Exception as error:  # a task's code may raise anything on inputs it never saw
            raise Unfit("score", f"score() raised {type(error).__name__}: {error}") from error
        if score.value < self._min_score:
            note = f": {score.note}" if score.note else ""
            raise Unfit("score", f"the task's own scorer gives {score.value:.2f}{note}")
        return score.value


def _scores_alone(task: Task) -> bool:
    """Whether the scorer finds gold replies good without being told what is right."""
    try:
        return bool(task.gold) and all(
            task.score(Item(id=each.id, cluster=each.id, inputs=each.inputs), each.output).value >= _GOOD
            for each in task.gold[:_GOLD_TRIED]
        )
    except Exception:  # noqa: BLE001 - a scorer without its reference may raise anything
        return False


def _parsed(check: str, text: str) -> Json:
    try:
        value = parse_reply(_unfenced(text))
        _compact(value).encode()
    except UnicodeEncodeError as error:
        raise Unfit(check, "it holds half a surrogate pair") from error
    except (ValueError, RecursionError) as error:
        raise Unfit(check, str(error)) from error
    return value


def _unfenced(text: str) -> str:
    """The text without the code fence that many models put around JSON."""
    match = _FENCE.match(text)
    return (match[1] if match else text).strip()


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sorted(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
