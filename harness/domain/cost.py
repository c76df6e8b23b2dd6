"""What an answer costs on every rung, and from how many on training pays for itself."""

import math
from dataclasses import dataclass

from harness.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Prices in one currency, and what counts as a good answer.

    `million_in` and `million_out` are for a million tokens, `gpu_second` for a second of the
    servers.  `training` is what one training costs, None to take its recorded seconds at
    `gpu_second`; it is paid again every `retrain_every_days`.  An answer is good from a score
    of `good` on.  A token of a prompt takes `prompt_weight` of the time of one of a reply.
    """

    million_in: float = 0.0
    million_out: float = 0.0
    gpu_second: float = 0.0
    training: float | None = None
    retrain_every_days: float | None = None
    answers_per_day: float | None = None
    good: float = 0.8
    prompt_weight: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what is no price, and a tariff without one."""
        prices = {
            "--price-in": self.million_in,
            "--price-out": self.million_out,
            "--gpu-second-price": self.gpu_second,
            "--training-cost": self.training or 0.0,
            "--prompt-weight": self.prompt_weight,
        }
        for option, price in prices.items():
            if not 0.0 <= price < math.inf:
                raise UsageError(f"{option} is {price:g}: give a number that is 0 or more")
        if not (self.million_in or self.million_out or self.gpu_second):
            raise UsageError(
                "no price was given: use --price-in and --price-out (for a million tokens), or "
                "--gpu-second-price"
            )
        if not 0.0 < self.good <= 1.0:
            raise UsageError(f"--good is {self.good:g}: use a score above 0 and up to 1")
        for option, number in (
            ("--retrain-every-days", self.retrain_every_days),
            ("--answers-per-day", self.answers_per_day),
        ):
            if number is not None and not 0.0 < number < math.inf:
                raise UsageError(f"{option} is {number:g}: give a number above 0")
        if (self.retrain_every_days is None) is not (self.answers_per_day is None):
            raise UsageError(
                "--retrain-every-days and --answers-per-day say together how many answers a training serves: "
                "give both, or neither"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was measured on one rung, an answer: means of tokens and score, and the share that is good.

    `seconds` of the servers an answer took, None where nothing tells; `wait_s` is the median
    wait for a whole answer, None where waiting times were never taken.
    """

    name: str
    checkpoint: str
    arm: str
    is_trained: bool
    items: int
    score: float
    good_share: float
    tokens_in: float
    tokens_out: float
    seconds: float | None = None
    wait_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """A rung with its price: of one answer, and of a thousand good ones, None where none is good.

    `dominated_by` names a rung that is no worse in score, cost and wait, and better in one of
    them; empty on the frontier.
    """

    usage: Usage
    answer: float
    thousand_good: float | None
    dominated_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What training cost and took; None where it is not known."""

    cost: float | None = None
    training_s: float | None = None
    measuring_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The best trained rung against the best prompt, by score as measured.

    `good_answers` a training, from which on it pays for itself, None where it never does or
    that cannot be told; `reason` says it in one sentence.  `thousand_good` is the price of the
    trained rung with its training spread over the volume asked for, None without one.
    """

    trained: str
    prompt: str
    reason: str
    good_answers: float | None = None
    thousand_good: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport:
    """Every rung with its price, the frontier marked, and when training breaks even."""

    tariff: Tariff
    rows: tuple[CostRow, ...]
    training: Training
    break_even: BreakEven | None = None
