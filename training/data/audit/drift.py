"""Teacher drift: replies whose style changed from one source, or one week, to the next.

A teacher that is updated, or prompted anew, leaves its mark on length, punctuation and
vocabulary; a student learns that mark along with the task.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import copysign, inf, sqrt
from statistics import fmean, pvariance

from training.data.audit.finding import Finding, Severity, concerning
from training.example import Example

_FEWEST = 20
_MOST_SHOWN = 10
_LARGE = 0.8
"""Cohen's d from which a difference is large (Cohen 1988)."""


def drift(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield each source whose style is unlike the largest one's, and each week unlike those before it."""
    by_source = _grouped(examples, lambda example: example.source)
    largest = max(by_source, key=lambda source: len(by_source[source]), default="")
    for source, members in by_source.items():
        if source != largest:
            where = f"source {source or 'unnamed'}: "
            others = _Others(where=f"in {largest or 'the unnamed one'}", examples=by_source[largest])
            yield from _compared(examples, members, others, Severity.NOTE, where)
        weeks = _grouped([each for each in members if each.made_on], _week)
        before: list[Example] = []
        for week in sorted(weeks):
            where = f"week {week}{source and ' of '}{source}: "
            others = _Others(where="before", examples=before)
            yield from _compared(examples, weeks[week], others, Severity.WARNING, where)
            before = [*before, *weeks[week]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Others:
    """What a group is compared with, and where that is."""

    where: str
    examples: Sequence[Example]


def _compared(
    whole: Sequence[Example], members: Sequence[Example], others: _Others, severity: Severity, where: str
) -> Iterator[Finding]:
    """The style in which the members differ most from the others, where that is a large difference."""
    if min(len(members), len(others.examples)) < _FEWEST:
        return
    effects = {
        style: _effect([*map(of, members)], [*map(of, others.examples)]) for style, of in _STYLES.items()
    }
    style, effect = max(effects.items(), key=lambda pair: abs(pair[1]))
    if abs(effect) < _LARGE:
        return
    means = [fmean(map(_STYLES[style], group)) for group in (members, others.examples)]
    apart = f"{abs(effect):.1f}" if abs(effect) <= _MOST_SHOWN else f"more than {_MOST_SHOWN}"
    against = f"{style} {means[0]:.3g} against {means[1]:.3g} {others.where}"
    said = f"{where}{against}, {apart} standard deviations apart"
    advice = ": find out what changed in the teacher" if severity is Severity.WARNING else ""
    yield concerning("drift", severity, said + advice, whole=whole, of=members)


def _effect(group: Sequence[float], others: Sequence[float]) -> float:
    """Cohen's d with the pooled deviation; a difference without any deviation is infinite."""
    gap = fmean(group) - fmean(others)
    pooled = (len(group) * pvariance(group) + len(others) * pvariance(others)) / (len(group) + len(others))
    if pooled > 0.0:
        return gap / sqrt(pooled)
    return 0.0 if gap == 0.0 else copysign(inf, gap)


def _grouped(examples: Sequence[Example], key: Callable[[Example], str]) -> dict[str, list[Example]]:
    groups: dict[str, list[Example]] = {}
    for example in examples:
        groups.setdefault(key(example), []).append(example)
    return groups


def _week(example: Example) -> str:
    year, week, _ = date.fromisoformat(example.made_on).isocalendar()
    return f"{year}-W{week:02}"


def _words(example: Example) -> float:
    return float(len(example.completion.split()))


def _word_letters(example: Example) -> float:
    words = example.completion.split()
    return fmean(map(len, words)) if words else 0.0


def _punctuation(example: Example) -> float:
    text = example.completion
    return sum(not (each.isalnum() or each.isspace()) for each in text) / len(text)


def _distinct(example: Example) -> float:
    words = example.completion.lower().split()
    return len(set(words)) / len(words) if words else 1.0


def _lines(example: Example) -> float:
    return float(example.completion.count("\n") + 1)


_STYLES: Mapping[str, Callable[[Example], float]] = {
    "words a reply": _words,
    "letters a word": _word_letters,
    "share of punctuation": _punctuation,
    "share of distinct words": _distinct,
    "lines a reply": _lines,
}
