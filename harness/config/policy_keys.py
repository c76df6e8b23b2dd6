"""The keys of a policy file: what each may hold, in words and as a check, and how it is read."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from harness.domain.arm import parse_arm
from harness.domain.policy import (
    ForgettingPolicy,
    Hypothesis,
    JudgePolicy,
    LatencyPolicy,
    Load,
    OnContamination,
    OnMismatch,
    PairedPolicy,
    ReadsPolicy,
    Role,
)
from harness.domain.suite import Suite
from harness.errors import UnknownArm

_LATENCY_METRICS = ("ttft_s", "tpot_s", "e2e_s")
_PROBE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a key may hold, in words and as a check, and how it is read once it does."""

    allowed: str
    accepts: Callable[[Any], bool]
    read: Callable[[Any], Any] = lambda value: value


Rules = Mapping[str, Rule]
"""A rule for every key of a table."""


def top_keys() -> Rules:
    """Return the keys that stand above all tables."""
    return {
        "alpha": _number("a number above 0 and below 0.5", lambda number: 0 < number < 0.5),  # noqa: PLR2004 - in words beside it
        "power": _number("a number above 0 and below 1", lambda number: 0 < number < 1),
        "seed": _whole("a whole number of 0 or more", least=0),
        "items": _whole_or_all(),
        "sequential": _yes_or_no(),
        "stop_at_first_regression": _yes_or_no(),
        "max_failed_share": _number("a number of 0 or more and below 1", lambda number: 0 <= number < 1),
        "accept_inconclusive": _yes_or_no(),
        "anchor": _text("the name of a checkpoint, given as --checkpoint is"),
        "temperature": _number("a number from 0, which is greedy, to 2", lambda number: 0 <= number <= 2),  # noqa: PLR2004
        "contamination": _word(OnContamination),
        "mismatch": _word(OnMismatch),
    }


def suite_keys() -> Mapping[str, tuple[Callable[..., Any], Rules]]:
    """Return by table, one a suite and one for people, the noun it becomes and the table's keys."""
    return {
        "target_metric": (PairedPolicy, _paired()),
        "schema_validity": (PairedPolicy, _paired()),
        "forgetting": (ForgettingPolicy, _forgetting()),
        "latency": (LatencyPolicy, _latency()),
        "reads": (ReadsPolicy, _reads()),
        "judge": (JudgePolicy, _judge()),
    }


def waiver_keys() -> Rules:
    """Return the keys of one waiver."""
    return {
        "suite": _word(Suite),
        "until": Rule(
            allowed="a date, for example 2027-01-31: the last day on which it counts",
            accepts=lambda value: _day(value) is not None,
            read=_day,
        ),
        # Line breaks become spaces: it is shown on one line of every report.
        "reason": replace(
            _text("a sentence that says why this failing may ship"),
            read=lambda text: " ".join(text.split()),
        ),
        "subject": _text("the name of a task or a probe"),
        "arm": Rule(allowed="one arm, for example rag-3", accepts=_is_arm),
    }


def _paired() -> Rules:
    return {
        "hypothesis": _word(Hypothesis),
        "margin": _margin(),
        "floor": _number("a number of 0 or more and below 1", lambda number: 0 <= number < 1),
        "max_lost": _whole("a whole number of 0 or more", least=0),
        "role": _word(Role),
    }


def _forgetting() -> Rules:
    return {
        "probes": _distinct_words(
            "a list of one or more different probe names of letters, digits, dots, dashes and underscores",
            lambda word: _PROBE_NAME.fullmatch(word) is not None,
        ),
        "items": _whole_or_all(),
        "margin": _margin(),
        "max_lost": _whole("a whole number of 0 or more", least=0),
        "pooled": _yes_or_no(),
        "role": _word(Role),
    }


def _latency() -> Rules:
    ratio = _number("a number above 0 and up to 100", lambda number: 0 < number <= 100)  # noqa: PLR2004 - in words beside it
    count = _whole("a whole number of 1 or more", least=1)
    positive = _number("a number above 0", lambda number: 0 < number < math.inf)
    return {
        "metrics": _distinct_words(
            f"a list of one or more different names among {', '.join(_LATENCY_METRICS)}",
            lambda word: word in _LATENCY_METRICS,
        ),
        "p50_ratio": ratio,
        "p95_ratio": ratio,
        "concurrency": count,
        "pairs": count,
        "max_tokens": count,
        "role": _word(Role),
        "mode": _word(Load),
        "rate_per_s": positive,
        "slo_ttft_s": positive,
        "slo_tpot_s": positive,
    }


def _reads() -> Rules:
    return {
        "required": _whole("a whole number of 1 or more", least=1),
        "min_accepted": _number("a number above 0 and up to 1", lambda number: 0 < number <= 1),
    }


def _judge() -> Rules:
    return {
        "margin": _margin(),
        "min_agreement": _number("a number above 0 and below 1", lambda number: 0 < number < 1),
        "role": _word(Role),
    }


def _margin() -> Rule:
    return _number("a number above 0 and below 1", lambda number: 0 < number < 1)


def _number(allowed: str, within: Callable[[float], bool]) -> Rule:
    def accepts(value: object) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and within(value)

    return Rule(allowed=allowed, accepts=accepts, read=float)


def _whole(allowed: str, *, least: int) -> Rule:
    return Rule(allowed=allowed, accepts=lambda value: _is_whole(value) and value >= least)


def _whole_or_all() -> Rule:
    return Rule(
        allowed='a whole number of 1 or more, or "all"',
        accepts=lambda value: value == "all" or (_is_whole(value) and value >= 1),
        read=lambda value: None if value == "all" else value,
    )


def _yes_or_no() -> Rule:
    return Rule(allowed="true or false", accepts=lambda value: isinstance(value, bool))


def _word(choices: type[StrEnum]) -> Rule:
    words = [choice.value for choice in choices]
    allowed = " or ".join(f'"{word}"' for word in words)
    return Rule(allowed=allowed, accepts=lambda value: value in words, read=choices)


def _text(allowed: str) -> Rule:
    return Rule(allowed=allowed, accepts=lambda value: isinstance(value, str) and bool(value.strip()))


def _distinct_words(allowed: str, is_known: Callable[[str], bool]) -> Rule:
    def accepts(value: object) -> bool:
        if not isinstance(value, list) or not all(isinstance(word, str) and is_known(word) for word in value):
            return False
        return 0 < len(value) == len(set(value))

    return Rule(allowed=allowed, accepts=accepts, read=tuple)


def _day(value: object) -> date | None:
    """The day that `value` names, None when it names none; a time of day is refused as doubtful."""
    if isinstance(value, date):
        return None if isinstance(value, datetime) else value
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _is_arm(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parse_arm(value)
    except UnknownArm:
        return False
    return True


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
