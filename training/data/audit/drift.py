"""Teacher drift: replies whose style changed from one source, or one week, to the next.

A teacher that is updated, or prompted anew, leaves its mark on length, punctuation and
vocabulary; a student learns that mark along with the task.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from math import sqrt
from statistics import fmean, pvariance

from training.data.audit.finding import Finding, Severity, concerning
from training.example import Example

_FEWEST = 20
_LARGE = 0.8
"""Cohen's d from which a difference is large (Cohen 1988)."""


def drift(examples: Sequence[Example]) -> Iterator[Finding]:
    """Yield each source whose style is unlike all the others', and each week unlike its source's others."""
    by_source = _grouped(examples, lambda example: example.source)
    yield from _outliers(examples, by_source, Severity.NOTE, "source {name}")
    for source, members in by_source.items():
        weeks = _grouped([each for each in members if each.made_on], _week)
        where = f"week {{name}} of {source}" if source else "week {name}"
        yield from _outliers(examples, weeks, Severity.WARNING, where)


def _outliers(
    examples: Sequence[Example], groups: Mapping[str, list[Example]], severity: Severity, where: str
) -> Iterator[Finding]:
    for name, members in groups.items():
        others = [each for other, group in groups.items() if other != name for each in group]
        if min(len(members), len(others)) < _FEWEST:
            continue
        effects = {
            style: _effect(list(map(of, members)), list(map(of, others))) for style, of in _STYLES.items()
        }
        style, effect = max(effects.items(), key=lambda pair: abs(pair[1]))
        if abs(effect) >= _LARGE:
            means = [fmean(map(_STYLES[style], group)) for group in (members, others)]
            said = (
                f"{where.format(name=name or 'unnamed')}: {style} {means[0]:.3g} against {means[1]:.3g} "
                f"elsewhere ({effect:+.1f} standard deviations)"
            )
            advice = ": find out what changed in the teacher" if severity is Severity.WARNING else ""
            yield concerning("drift", severity, said + advice, whole=examples, of=members)


def _effect(group: Sequence[float], others: Sequence[float]) -> float:
    """Cohen's d with the pooled deviation; a difference without any deviation counts as very large."""
    gap = fmean(group) - fmean(others)
    pooled = (len(group) * pvariance(group) + len(others) * pvariance(others)) / (len(group) + len(others))
    if pooled > 0.0:
        return gap / sqrt(pooled)
    return 0.0 if gap == 0.0 else 10.0 * (1 if gap > 0.0 else -1)


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
