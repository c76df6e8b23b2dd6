"""Which attempts become examples: enough that passed every check, then the best of those.

Attempts count in the order of their numbers and no further than is needed, so what is
chosen does not hang on when they were made or on how many ran at the same time.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from harness import Inputs, Message, Role, Task
from training.data.attempts import Attempt
from training.data.raft import TAG
from training.data.rejected import Rejected
from training.data.sample import drawn
from training.example import Example

CRITIC = "critic"
"""The check that a candidate fails when better ones are kept in its place."""

_FIRST_WAVE = 20
_LOWEST_RATE = Fraction(1, 10)
_HOPELESS = 80

Words = Callable[[Inputs], tuple[str, ...]]
"""Gives the words of a question, by which it is told from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """`count` examples are wanted, the best `keep_share` of those that pass, in at most `limit` attempts.

    `may_despair` ends it early when none of the first 80 attempts passed.
    """

    count: int
    keep_share: float
    limit: int
    may_despair: bool = False

    @property
    def candidates(self) -> int:
        """How many must pass, so that their best share is what is wanted."""
        return ceil(self.count / Fraction(str(self.keep_share)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was kept, what was not and why, and how many had passed."""

    kept: tuple[Attempt, ...]
    rejected: tuple[Attempt, ...]
    passed: int

    @property
    def checks(self) -> Counter[str]:
        """How many were rejected by each check."""
        return Counter(each.check for each in self.rejected)


def without_repeats(attempts: Sequence[Attempt], words: Words) -> tuple[Attempt, ...]:
    """Return the attempts by number, those failed that ask what an earlier one that passed asks."""
    first: dict[tuple[str, ...], int] = {}
    told = []
    for attempt in sorted(attempts, key=lambda each: each.number):
        judged = attempt
        if not attempt.check and attempt.inputs is not None:
            earlier = first.setdefault(words(attempt.inputs), attempt.number)
            if earlier != attempt.number:
                judged = replace(attempt, check="repeat", reason=f"attempt {earlier} asks the same")
        told.append(judged)
    return tuple(told)


def next_attempts(judged: Sequence[Attempt], quota: Quota) -> range:
    """Return the numbers of the attempts to make next, an empty range when it is over.

    `judged` are all attempts so far, without repeats.  The range hangs on nothing else.
    """
    made, passed = len(judged), sum(not each.check for each in judged)
    missing = quota.candidates - passed
    if missing <= 0 or made >= quota.limit:
        return range(0)
    if quota.may_despair and made >= _HOPELESS and not passed:
        return range(0)
    rate = max(Fraction(passed, made), _LOWEST_RATE) if made else Fraction(1)
    wanted = ceil(missing / rate)
    # Never many more than were seen: the first ones tell how good the teacher is.
    return range(made, min(made + wanted, made + max(_FIRST_WAVE, made), quota.limit))


def select(judged: Sequence[Attempt], quota: Quota, *, seed: int) -> Selection:
    """Return the best of the first candidates, in the order of their numbers.

    Attempts behind the last candidate that is needed are left out of it altogether.  When
    fewer passed than are needed nothing is kept.
    """
    passed = [each for each in judged if not each.check][: quota.candidates]
    if len(passed) < quota.candidates:
        rejected = tuple(each for each in judged if each.check)
        return Selection(kept=(), rejected=rejected, passed=len(passed))
    ranked = sorted(passed, key=lambda each: _rank(each, seed))
    chosen = {each.number for each in ranked[: quota.count]}
    lowest = ranked[quota.count - 1]
    counted = [each for each in judged if each.number <= passed[-1].number]
    return Selection(
        kept=tuple(each for each in passed if each.number in chosen),
        rejected=tuple(
            each if each.check else _outdone(each, lowest) for each in counted if each.number not in chosen
        ),
        passed=len(passed),
    )


def as_example(attempt: Attempt, task: Task, *, teacher: str) -> Example:
    """Return a kept attempt as an example that its task can word under any arm."""
    inputs, output = attempt.inputs or {}, attempt.output or ""
    question = task.ask(inputs)
    named = hashlib.sha256(f"{question}\x1f{output}".encode()).hexdigest()[:16]
    return Example(
        id=f"synthetic-{named}",
        messages=(
            Message(role=Role.SYSTEM, content=task.system),
            Message(role=Role.USER, content=question),
            Message(role=Role.ASSISTANT, content=output),
        ),
        inputs=inputs,
        source=teacher,
        made_on=attempt.made_on,
        tags=(
            *([f"{TAG}{attempt.document}"] if attempt.document else []),
            *([f"persona:{attempt.persona}"] if attempt.persona else []),
        ),
    )


def as_rejected(attempt: Attempt) -> Rejected:
    """Return an attempt that was not kept, with all there was of it."""
    found = {
        "inputs": None if attempt.inputs is None else dict(attempt.inputs),
        "output": attempt.output,
        "score": attempt.score,
        "critic": attempt.critic,
        "said": attempt.said,
        "persona": attempt.persona,
        "document": attempt.document,
    }
    return Rejected(id=f"attempt-{attempt.number}", check=attempt.check, reason=attempt.reason, found=found)


def _rank(attempt: Attempt, seed: int) -> tuple[float, float, int]:
    return (-(attempt.critic or 0), -(attempt.score or 0.0), drawn(seed, "tie", str(attempt.number)))


def _outdone(attempt: Attempt, lowest: Attempt) -> Attempt:
    told = "" if attempt.critic is None else f"{attempt.critic} of 10: {attempt.critic_reason}; "
    kept = "" if lowest.critic is None else f" with {lowest.critic} or more"
    return replace(attempt, check=CRITIC, reason=f"{told}others{kept} were kept in its place")
