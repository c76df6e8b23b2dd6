"""What a results folder holds over time, as rows read from its views."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The mean of one metric of one run; `lower` and `upper` are its 95 % interval, None without one.

    `at_s` is when its gate was begun, in seconds since 1970 in UTC.
    """

    at_s: float
    gate_id: str
    subject: str
    subject_digest: str
    arm: str
    side: str
    checkpoint: str
    metric: str
    items: int
    mean: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the runs of one subject, arm and side took together; waiting times are medians over runs."""

    subject: str
    arm: str
    side: str
    runs: int
    replies: int
    failures: int
    prompt_tokens: int
    completion_tokens: int
    ttft_s_p50: float | None
    ttft_s_p95: float | None
    e2e_s_p50: float | None
    e2e_s_p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyItem:
    """An item on which one checkpoint under one arm was scored differently from run to run."""

    subject: str
    arm: str
    checkpoint: str
    item_id: str
    metric: str
    runs: int
    lowest: float
    highest: float
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRecord:
    """Points oldest first, flaky items that vary most first, and how many gates are not finished.

    `flaky_total` counts the flaky items, of which not all need be here.
    """

    points: tuple[Point, ...]
    usage: tuple[Usage, ...]
    flaky: tuple[FlakyItem, ...]
    flaky_total: int
    gates: int
    unfinished: int
